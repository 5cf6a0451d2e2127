import Benchmark
import StepCases

/// The times of all cases.
let benchmarks: @Sendable () -> Void = {
  for item in StepCase.all {
    Benchmark(
      item.name,
      configuration: .init(
        metrics: [.wallClock], timeUnits: .microseconds, warmupIterations: 10,
        maxDuration: .milliseconds(400)),
      closure: { (benchmark: Benchmark, workload: Workload) throws in
        try workload.prepare()
        benchmark.startMeasurement()
        try workload.step()
        benchmark.stopMeasurement()
      },
      setup: { try item.makeWorkload() })
  }
}
