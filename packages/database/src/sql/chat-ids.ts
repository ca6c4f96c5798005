/** SQL of WhatsApp's id of the chat with the person whom an identity names. The parameters are SQL of its kind and its value. */
export const chatIdOf = (kind: string, value: string): string =>
  `${value} || case ${kind} when 'lid' then '@lid' else '@c.us' end`;
