export { checkout, type Product, type Run, readRun, startProduct, stopAndRemove } from "./product.ts";
