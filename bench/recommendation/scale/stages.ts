/** What each stage of a run took: seconds of the processor, and the most memory there was until its end. */
export interface Stage {
  readonly stage: string;
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly peakRssMib: number;
}

export function stageClock() {
  const stages: Stage[] = [];
  let cpu = process.cpuUsage();
  let started = performance.now();
  return {
    stages,
    /** Ends the stage that runs. */
    end(stage: string): void {
      const { user, system } = process.cpuUsage(cpu);
      const line = {
        stage,
        cpuSeconds: Number(((user + system) / 1e6).toFixed(1)),
        seconds: Number(((performance.now() - started) / 1000).toFixed(1)),
        peakRssMib: Math.round(process.resourceUsage().maxRSS / 1024),
      };
      stages.push(line);
      console.error(JSON.stringify(line));
      cpu = process.cpuUsage();
      started = performance.now();
    },
  };
}
