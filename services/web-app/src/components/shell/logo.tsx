export function Logo({ className }: { className: string }) {
  return <img src="/icon.svg" alt="sysZap" className={className} draggable={false} />;
}
