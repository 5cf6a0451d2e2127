import ArgumentParser
import RNNCore
import RNNReport
import RNNStudies

/// What this machine computes with, and what would make it faster.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "CPU, instruction sets, OpenBLAS, threads, measured sgemm peak; what to change.",
    discussion: """
      rnnbench doctor --schedule 10,80,300,650
      rnnbench doctor --rates rates.json && RNNCORE_RATES=rates.json rnnbench throughput
      """)

  @OptionGroup var output: OutputOptions

  @Flag(help: "Also compare our products with OpenBLAS's, size by size (a few seconds).")
  var products = false

  @Option(
    help: ArgumentHelp(
      "Also predict what each division of a layer's time loop among the threads costs, sequences x "
        + "units, and say which is taken (default: none)", valueName: "B,T,I,H"))
  var schedule: String?

  @Option(
    help: ArgumentHelp(
      "Also measure how fast cores multiply, read and hear of each other (2 s), and write it to a "
        + "file, by which time loops are divided where \(CoreRates.environmentVariable) names it "
        + "(default: none)",
      valueName: "file"))
  var rates: OutputPath?

  func run() throws {
    let shape = try schedule.map(ScheduleTable.Shape.init)
    let opened = try CommandFiles(of: self)
    let files = opened.results
    let team = try output.makeTeam()
    let measured = rates == nil ? nil : CoreRates.measure()
    let finding = try Finding(
      team: team, products: products, shape: shape, rates: measured ?? .current)
    for (name, value) in finding.facts { Terminal.print(name.padding(18) + value, hanging: 18) }
    StandardOutput.print("")
    for line in finding.advice { Terminal.print(line) }
    if let products = finding.products { print(products.table) }
    if let schedule = finding.schedule {
      StandardOutput.print("")
      Terminal.print(schedule.note)
      print(schedule.table)
    }
    var csv = CSVWriter(columns: ["name", "value"])
    for (name, value) in finding.facts { csv.append([name, value]) }
    var others: [(file: OutputFile, text: String)] = []
    if let file = opened[rates], let measured { others.append((file, measured.json.text + "\n")) }
    try files.write(
      beside: others, json: finding.json, csv: csv.text, report: finding.report)
  }

  private func print(_ table: Table) {
    StandardOutput.print("")
    Terminal.show(table)
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
  let schedule: ScheduleTable?

  init(
    team: ThreadTeam, products wanted: Bool, shape: ScheduleTable.Shape?, rates: CoreRates
  ) throws {
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
    facts.append(("schedule by", Finding.summary(of: rates)))
    self.facts = facts
    advice = machine.advice(singleThreadPeak: single)
    products = wanted ? ProductRates(rates: ProductRate.measure()) : nil
    schedule = shape.map { ScheduleTable($0, threads: team.count, rates: rates) }
  }

  private static func summary(of rates: CoreRates) -> String {
    func number(_ value: Double) -> String { NumberFormat.significant(value, digits: 3) }
    return
      "\(rates.name): \(rates.gflops.map(number).joined(separator: ", ")) GFLOP/s of a core for "
      + "1, 2, … rows, busy with \(number(rates.busySums)) sums, "
      + "\(number(rates.keptBytes / 1e6)) MB kept in its cache, "
      + "\(number(rates.outerRate)) GB/s from beyond, "
      + "\(number(rates.exchangeRate)) GB/s from another core, \(number(rates.meeting)) ns to meet"
  }

  var json: JSONValue {
    [
      "schema": "rnnbench/doctor/1", "machine": machine.json,
      "configuration": ["threads": JSONValue(peaks[1].threads)],
      "results": .array(
        peaks.map { ["threads": JSONValue($0.threads), "gflops": JSONValue($0.gflops)] }),
      "advice": .array(advice.map { .string($0) }), "products": products?.json ?? [],
      "schedule": schedule?.json ?? [],
    ]
  }

  private var tables: [ReportSection] {
    var sections: [ReportSection] = []
    if let products { sections.append(ReportSection("Products", [.table(products.table)])) }
    if let schedule {
      sections.append(
        ReportSection("Schedule", answer: [schedule.note], [.table(schedule.table)]))
    }
    return sections
  }

  var report: HTMLReport {
    HTMLReport(
      title: "This machine", subtitle: machine.profile.cpu, generator: MachineRecord.generator,
      sections: [
        ReportSection("What computes here", answer: advice, [.facts(facts)])
      ] + tables
    )
  }
}

extension String {
  fileprivate func padding(_ width: Int) -> String {
    self + String(repeating: " ", count: Swift.max(1, width - count))
  }
}
