import { endpoints } from "../../constants/index.ts";
import { CompanySettings, UpdateCompanyRequest } from "../company-settings.ts";
import type { RouteDefinition } from "../define-route.ts";

export const companySettingsRoutes = {
  getCompanySettings: {
    ...endpoints.getCompanySettings,
    tag: "Company",
    summary: "Get the company and its settings",
    caller: "member",
    answer: { status: 200, description: "The company.", body: CompanySettings },
  },
  updateCompanySettings: {
    ...endpoints.updateCompanySettings,
    tag: "Company",
    summary: "Change settings of the company",
    caller: "manager",
    body: UpdateCompanyRequest,
    answer: { status: 200, description: "The company with its present settings.", body: CompanySettings },
  },
} as const satisfies Record<string, RouteDefinition>;
