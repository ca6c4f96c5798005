export interface Customer {
  number: string;
  name: string;
}

/** The customers who write. Mobile numbers of several Brazilian states, in a range (000x) that is not assigned to real lines. */
export const customers: readonly Customer[] = [
  { number: "5511960001842", name: "Ana Beatriz Souza" },
  { number: "5521970003391", name: "João Pedro Almeida" },
  { number: "5531980002764", name: "Márcia Fernandes" },
  { number: "5541990005127", name: "Luiz Otávio Ribeiro" },
  { number: "5551960007718", name: "Camila D'Ávila" },
  { number: "5561970004480", name: "Seu Antônio da Padaria" },
  { number: "5571980009953", name: "Thaís Conceição 🌻" },
  { number: "5581990001266", name: "Rafael Nóbrega" },
  { number: "5585960008034", name: "Dona Lourdes" },
  { number: "5592970006652", name: "Iracema Tukano" },
  { number: "5547980003419", name: "Heinrich Schäfer" },
  { number: "5511990009207", name: "Kenji Nakamura 中村" },
  { number: "5511970005573", name: "Miriam Cohen" },
  { number: "5511980007341", name: "Youssef Haddad" },
  { number: "5548960002098", name: "Bruna Eduarda" },
  { number: "5519970008865", name: "Zé Carlos" },
];

/** Returns a changed name, of the kinds that are common in WhatsApp. */
export function renamed(name: string, choice: number): string {
  const [first = name] = name.split(" ");
  const variants = [`${first} 💙`, `${name} (novo número)`, `${first} | Vendas`, first, `${name} ✨`];
  return variants[choice % variants.length] ?? name;
}
