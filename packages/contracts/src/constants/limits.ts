/** Characters (UTF-16 code units) of a message text: one less than what WhatsApp accepts. */
export const maxMessageBodyLength = 65_535;
/** Characters to which the text of a last message or a quoted message is cut. */
export const previewLength = 200;
/** Characters of each text in the structured content of a message. */
export const maxContentTextLength = 1_000;
/** WhatsApp accepts an edit of a sent message for this time (its help pages, "How to edit messages"). */
export const editWindowMs = 15 * 60_000;
/** WhatsApp accepts a deletion for everyone for this time (its help pages: about two days). */
export const deleteWindowMs = 60 * 3_600_000;
/** Chats to which a message can be forwarded at once, as in WhatsApp. */
export const maxForwardChats = 5;
/** Contact cards in one sent message. */
export const maxSentContacts = 10;
/** Options of a sent poll (WhatsApp's help pages, "How to create a poll"). */
export const maxPollOptions = 12;
export const maxPollQuestionLength = 255;
export const maxPollOptionLength = 100;
/** A typing notice ends after this time unless it is repeated. */
export const typingTimeoutMs = 10_000;

/** Participants of one group, and reactions or votes of different participants to one message. WhatsApp's own limit of a group. */
export const maxGroupParticipants = 1_024;
/** Characters of a group's subject. WhatsApp allows 100. */
export const maxGroupSubjectLength = 500;

/** Longest time from the arrival of an event to its display that a client may report. */
export const maxShownMs = 60_000;

export const maxClientFrameBytes = 16_384;

/** Largest JSON body. Fits the longest text when each character is a JSON escape of 6 bytes. */
export const maxJsonBodyBytes = 512 * 1024;

/** Days in the history of a company's statistics, with today. */
export const maxStatisticsDays = 30;

export const maxPageSize = 100;
export const maxSearchLength = 100;
export const maxSessionNameLength = 80;
export const maxFileNameLength = 500;

/** Teams of one user. */
export const maxTeamsOfUser = 50;
/** Teams that one audience names: at most the teams of one session. */
export const maxReachTeams = 50;
/** Users that one audience names. */
export const maxReachUsers = 50;

export const maxCompanyNameLength = 200;
/** Time between the request to delete a company and the removal of its data. */
export const deletionGraceMs = 7 * 24 * 3_600_000;
export const maxOperatorNameLength = 200;
export const minOperatorPasswordLength = 12;
/** Active operators of the platform. */
export const maxOperators = 100;

/** Users per company, including disabled and invited ones. */
export const maxUsers = 2_000;
export const maxPersonNameLength = 80;
export const maxEmailLength = 254;
export const minPasswordLength = 10;
export const maxPasswordLength = 200;
/** Lifetime of an access token, and of the mark in Redis that refuses an ended login. */
export const accessTokenLifeMs = 10 * 60_000;
/** Lifetimes of the links in e-mails. */
export const invitationLifeMs = 7 * 24 * 3_600_000;
export const passwordResetLifeMs = 3_600_000;
/** Open logins that are listed, newest first. */
export const maxListedLogins = 100;
/** Entries of the audit log in one CSV file. */
export const maxAuditExport = 100_000;

/** Recovery codes that a user receives at once. */
export const recoveryCodeCount = 10;

/** Active API keys per company. */
export const maxApiKeys = 50;
export const maxApiKeyNameLength = 80;

/** Teams per company. */
export const maxTeams = 200;
/** Members per team. */
export const maxTeamMembers = 1_000;
export const maxTeamNameLength = 80;

/** Webhook endpoints per company. */
export const maxWebhooks = 10;
export const maxWebhookUrlLength = 2_000;
export const maxPushEndpointLength = 1_000;
/** Browsers of one user that receive push notices. Another one replaces the oldest. */
export const maxPushSubscriptions = 20;
export const maxWebhookDescriptionLength = 200;

/** Consumers per company. */
export const maxConsumers = 20;
export const consumerNamePattern = /^[a-z0-9][a-z0-9._-]{0,63}$/;
/** Events in one answer to a consumer. */
export const maxConsumerEvents = 5_000;
/** Longest time that a consumer's request waits for the next event. */
export const maxConsumerWaitSeconds = 30;
/** Requests of one company that wait for events at one REST API process. */
export const maxWaitingRequests = 20;

/** Dead letters, or failed webhook deliveries, that one request redrives. */
export const maxRedriven = 1_000;
export const maxDiscardNoteLength = 500;

/** A company keeps messages, files and the audit log at least so many days, so that a typing error does not delete everything. */
export const minKeepDays = 7;
