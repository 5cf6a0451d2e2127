import ArgumentParser
import RNNCore
import RNNReport
import RNNStudies

/// What this machine computes with, and what would make it faster.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "CPU, instruction sets, OpenBLAS, threads, measured sgemm peak; what to change.")

  @OptionGroup var output: OutputOptions

  @Flag(help: "Also compare our products with OpenBLAS's, size by size (a few seconds).")
  var products = false

  func run() throws {
    let files = try CommandFiles(of: self).results
    let finding = try Finding(team: output.makeTeam(), products: products)
    for (name, value) in finding.facts { Terminal.print(name.padding(18) + value, hanging: 18) }
    StandardOutput.print("")
    for line in finding.advice { Terminal.print(line) }
    if let products = finding.products {
      let terminal = Terminal.standardOutput
      let table = TextTable(products.table)
      StandardOutput.print(
        "\n" + table.rendered(width: terminal.width, style: terminal.style), terminator: "")
    }
    var csv = CSVWriter(columns: ["name", "value"])
    for (name, value) in finding.facts { csv.append([name, value]) }
    try files.write(json: finding.json, csv: csv.text, report: finding.report)
  }
}

/// What the doctor found.
private struct Finding {
  let machine: MachineRecord
  /// sgemm's GFLOP/s by the number of threads.
  let peaks: [(threads: Int, gflops: Double)]
  let facts: [(String, String)]
  let advice: [String]
  let products: ProductRates?

  init(team: ThreadTeam, products wanted: Bool) throws {
    machine = MachineRecord(team: team)
    let single =
      team.count == 1 ? machine.peak : MachineProfile.measurePeak(team: try ThreadTeam(count: 1))
    peaks = [(1, single), (team.count, machine.peak)]
    var facts = machine.facts
    for (threads, gflops) in peaks {
      facts.append(
        (
          "sgemm, \(threads) thread\(threads == 1 ? "" : "s")",
          NumberFormat.significant(gflops, digits: 3) + " GFLOP/s"
        ))
    }
    if let gain = BLASCore.measureGain() {
      let numbers = [gain.used, gain.detected].map { NumberFormat.significant($0, digits: 3) }
      facts.append(
        ("core's gain", "\(numbers[0]) GFLOP/s, \(numbers[1]) with \(BLASCore.current.detected)"))
    }
    self.facts = facts
    advice = machine.advice(singleThreadPeak: single)
    products = wanted ? ProductRates(rates: ProductRate.measure()) : nil
  }

  var json: JSONValue {
    [
      "schema": "rnnbench/doctor/1", "machine": machine.json,
      "configuration": ["threads": JSONValue(peaks[1].threads)],
      "results": .array(
        peaks.map { ["threads": JSONValue($0.threads), "gflops": JSONValue($0.gflops)] }),
      "advice": .array(advice.map { .string($0) }), "products": products?.json ?? [],
    ]
  }

  var report: HTMLReport {
    HTMLReport(
      title: "This machine", subtitle: machine.profile.cpu, generator: MachineRecord.generator,
      sections: [
        ReportSection("What computes here", answer: advice, [.facts(facts)])
      ] + (products.map { [ReportSection("Products", [.table($0.table)])] } ?? []))
  }
}

extension String {
  fileprivate func padding(_ width: Int) -> String {
    self + String(repeating: " ", count: Swift.max(1, width - count))
  }
}
