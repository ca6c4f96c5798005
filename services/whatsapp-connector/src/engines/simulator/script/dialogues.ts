/** One message of a customer. The conversation fills in `{pedido}`, `{hora}`, `{dia}` and `{valor}`. */
export type Line = string | { image: true; caption: string };

const longComplaint = [
  "Boa tarde. Vou contar tudo desde o começo para vocês entenderem, porque já falei com três pessoas e cada uma me disse uma coisa diferente.",
  'Comprei no dia 3 o jogo de panelas de cerâmica com cinco peças, pedido {pedido}, pago no Pix à vista por causa do desconto de {valor}. O prazo era de cinco dias úteis. No sexto dia o rastreio ainda dizia "em separação". Liguei, e me disseram que havia um problema com o estoque do centro de distribuição, mas que sairia até sexta-feira.',
  "Na sexta chegou uma caixa. Dentro dela estavam só três das cinco peças: faltavam a caçarola de 24 cm e a tampa de vidro da frigideira. A nota fiscal, porém, lista as cinco. Mandei fotos no mesmo dia, por este mesmo número, e ninguém respondeu até hoje.",
  "Não quero brigar com ninguém, gosto da loja e compro com vocês há anos. Só preciso saber, por escrito: (1) as duas peças que faltam vão ser enviadas ou não; (2) em que data; (3) se não forem, como fica o valor que já paguei. Se for mais fácil, aceito também um crédito para outra compra.",
  "Desculpem o texto comprido, é que por áudio eu me perco. Fico no aguardo. Obrigada pela atenção! 🙏",
].join("\n\n");

/** Each list is the customer's side of one dialogue about an order, an appointment or a question. */
export const dialogues: readonly (readonly Line[])[] = [
  [
    "Oi, bom dia! Tudo bem?",
    "Queria saber do meu pedido {pedido}",
    "Ele já saiu para entrega?",
    "Ah, ótimo. Obrigada!! 😊",
  ],
  ["Boa tarde, vocês têm horário {dia}?", "Pode ser às {hora}", "Perfeito, marca pra mim por favor", "👍"],
  ["Olá! Quanto fica o frete pra Manaus?", "CEP 69005-010", "Nossa, {valor}? Tem como retirar na loja?"],
  [
    { image: true, caption: "Olha como chegou a caixa 😕" },
    "Vou precisar trocar",
    "O pedido é o {pedido}",
    "Tá bom, aguardo a coleta {dia}",
  ],
  [longComplaint, "Alguém pode me responder?"],
  [
    "🎉🎉🎉",
    "Chegou tudo certinho!",
    "👏🏽👏🏽👏🏽 melhor loja 👩‍👩‍👧‍👦❤️‍🔥",
    { image: true, caption: "ficou lindo na sala 😍" },
  ],
  ["שלום! 😊", "האם ההזמנה {pedido} מוכנה?", "Desculpa, mandei em hebraico 😅 o pedido já está pronto?", "תודה רבה"],
  ["السلام عليكم", "هل يمكنني تغيير الموعد إلى الساعة {hora}؟", "Pode ser {dia} às {hora}?", "شكرا جزيلا 🌹"],
  [
    "Segue a lista:\n- 2 pães de forma\n- 1 bolo de fubá\n- 12 pães de queijo\n\nPode entregar às {hora}?",
    "Pago na entrega, {valor} certo?",
  ],
  [
    "Vi esse aqui no site: https://loja.exemplo.com.br/produto/cafeteira-italiana?cor=preta&utm_source=zap",
    "Ainda tem em estoque?",
    "E na cor vermelha?",
  ],
  [
    "Preciso remarcar minha consulta de {dia}",
    "Consigo só depois das {hora}",
    "Pode ser com a Dra. Helena mesmo",
    "Muito obrigado 🙏",
  ],
  ["Vocês abrem no feriado?", "Beleza, passo aí {dia} então"],
  ["me manda a 2ª via do boleto pfv", "é o de {valor}", "recebi, vlw!!"],
  ["Oi", "Alguém aí?", "Preciso cancelar o pedido {pedido}, comprei errado 🤦🏻‍♀️"],
  [
    { image: true, caption: "" },
    "Vocês têm essa peça?",
    'Medida: 3/4" x 20 mm (ø externo)',
    "Se tiver separa 4 pra mim",
  ],
  [
    "Bom dia, gostaria de um orçamento",
    "São 35 camisetas: 10 P, 15 M, 8 G e 2 GG",
    "Entrega até {dia}?",
    "Fechado! Faço o Pix de {valor} agora",
  ],
];

/** Answers of customers to a message from the company. */
export const answers: readonly Line[] = [
  "Ok, obrigado!",
  "Perfeito 👍",
  "Ah, entendi. Muito obrigada pela atenção 😊",
  "Combinado então, até {dia}!",
  "Hmm, e não tem nada mais barato?",
  "Pode ser às {hora}?",
  "Show, fico no aguardo",
  "👏👏",
  { image: true, caption: "segue o comprovante" },
];
