// Stands in for the process that draws thumbnails. The image is a text that says what to do.
process.on("disconnect", () => process.exit());
process.on("message", ({ image }) => {
  const command = Buffer.from(image).toString();
  if (command === "hang") for (;;); // like a decoder, which cannot be interrupted
  if (command === "exit") process.exit(1);
  process.send({
    kind: "drawn",
    image: Buffer.from(command === "env" ? JSON.stringify(process.env) : String(process.pid)),
  });
});
process.send({ kind: "ready" });
