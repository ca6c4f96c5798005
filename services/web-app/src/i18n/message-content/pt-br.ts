/** Of places, contact cards, polls, calls, and players. */
export const messageContent = {
  openMap: "Abrir no mapa",
  writeTo: "Conversar",
  pollOne: "Uma opção.",
  pollSeveral: "Uma ou mais opções.",
  pollOnPhone: "Vote pelo celular.",
  voiceCall: "Ligação de voz no celular",
  videoCall: "Ligação de vídeo no celular",
  play: "Ouvir",
  pause: "Pausar",
  playVideo: "Assistir ao vídeo",
  position: "Posição",
  speed: "Velocidade",
};
