import ArgumentParser
import RNNCore

/// What this machine computes with, and what would make it faster.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "CPU, instruction sets, OpenBLAS, threads, measured sgemm peak; what to change.")

  @OptionGroup var output: OutputOptions

  @Flag(help: "Also compare our products with OpenBLAS's, size by size (a few seconds).")
  var products = false

  func run() throws {
    let files = try output.files.open()
    let team = try output.makeTeam()
    let machine = MachineRecord(team: team)
    let single =
      team.count == 1 ? machine.peak : MachineProfile.measurePeak(team: try ThreadTeam(count: 1))
    var facts =
      machine.facts + [
        ("sgemm, 1 thread", NumberFormat.significant(single, digits: 3) + " GFLOP/s"),
        (
          "sgemm, \(team.count) threads",
          NumberFormat.significant(machine.peak, digits: 3) + " GFLOP/s"
        ),
      ]
    if let gain = BLASCore.measureGain() {
      let numbers = [gain.used, gain.detected].map { NumberFormat.significant($0, digits: 3) }
      facts.append(
        ("core's gain", "\(numbers[0]) GFLOP/s, \(numbers[1]) with \(BLASCore.current.detected)"))
    }
    let advice = machine.advice(singleThreadPeak: single)
    for (name, value) in facts { print(name.padding(18) + value) }
    print("")
    for line in advice { print(line) }
    let rates = products ? ProductRates(rates: ProductRate.measure()) : nil
    if let rates {
      let terminal = Terminal.standardOutput
      print("")
      print(
        TextTable(rates.table).rendered(width: terminal.width, style: terminal.style),
        terminator: "")
    }

    var csv = CSVWriter(columns: ["name", "value"])
    for (name, value) in facts { csv.append([name, value]) }
    try files.write(
      json: [
        "schema": "rnnbench/doctor/1", "machine": machine.json,
        "configuration": ["threads": JSONValue(team.count)],
        "results": [
          ["threads": 1, "gflops": JSONValue(single)],
          ["threads": JSONValue(team.count), "gflops": JSONValue(machine.peak)],
        ],
        "advice": .array(advice.map { .string($0) }), "products": rates?.json ?? [],
      ],
      csv: csv.text,
      report: HTMLReport(
        title: "This machine", subtitle: machine.profile.cpu, generator: MachineRecord.generator,
        sections: [
          ReportSection("What computes here", [.facts(facts)]),
          ReportSection("What to change", advice.map { .paragraph($0) }),
        ] + (rates.map { [ReportSection("Products", [.table($0.table)])] } ?? [])))
  }
}

extension String {
  fileprivate func padding(_ width: Int) -> String {
    self + String(repeating: " ", count: Swift.max(1, width - count))
  }
}
