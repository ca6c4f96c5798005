/** Of places, contact cards, polls, calls, and players. */
export const messageContent = {
  openMap: "Open the map",
  writeTo: "Message",
  pollOne: "One option.",
  pollSeveral: "One or more options.",
  pollOnPhone: "Vote on the phone.",
  voiceCall: "Voice call on the phone",
  videoCall: "Video call on the phone",
  play: "Play",
  pause: "Pause",
  playVideo: "Play the video",
  position: "Position",
  speed: "Speed",
};
