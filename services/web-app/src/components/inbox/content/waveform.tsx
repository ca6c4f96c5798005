interface WaveformProps {
  /** Loudness from 0 to 1. */
  levels: readonly number[];
  /** The part that was played, from 0 to 1. */
  played: number;
  className?: string;
}

const barWidth = 2;
const barDistance = 4;
const height = 24;

/** A sound as bars. Decoration: a slider or a text has the same information. */
export function Waveform({ levels, played, className = "" }: WaveformProps) {
  return (
    <svg
      aria-hidden="true"
      data-testid="waveform"
      viewBox={`0 0 ${levels.length * barDistance} ${height}`}
      preserveAspectRatio="none"
      className={`block h-6 w-full ${className}`}
    >
      {levels.map((level, index) => {
        const size = Math.max(2, level * height);
        return (
          <rect
            key={index}
            x={index * barDistance + (barDistance - barWidth) / 2}
            y={(height - size) / 2}
            width={barWidth}
            height={size}
            rx={1}
            className={index < played * levels.length ? "fill-accent" : "fill-muted/50"}
          />
        );
      })}
    </svg>
  );
}
