import RNNCore
import RNNReport

/// The results of an experiment, ready to be shown beside the published ones.
package protocol ReproducedExperiment {
  /// Title and subtitle of the report.
  var heading: (title: String, subtitle: String) { get }
  var table: Table { get }
  /// What lies behind the numbers of ``table``.
  var details: [Table] { get }
  /// What has to be said below the table, each a full sentence.
  var lines: [String] { get }
  var section: ReportSection { get }
  func json(_ machine: MachineRecord) -> JSONValue
  var csv: String { get }
}

extension ReproducedExperiment {
  package var details: [Table] { [] }

  /// Prints the table, and writes the files that were asked for.
  package func show(_ files: OutputFiles, machine: MachineRecord) throws {
    let terminal = Terminal.standardOutput
    for table in [table] + details {
      StandardOutput.print(TextTable(table).rendered(width: terminal.width, style: terminal.style))
    }
    for line in lines { Terminal.print(line) }
    let json = json(machine)
    try files.write(
      json: json, csv: csv,
      report: HTMLReport(
        title: heading.title, subtitle: heading.subtitle, generator: MachineRecord.generator,
        sections: [section, machine.section(configuration: json)]))
  }
}

extension Published {
  /// - Parameter isShare: whether it is shown as per cent.
  package func text(isShare: Bool) -> String {
    func number(_ value: Double) -> String {
      isShare ? NumberFormat.fixed(100 * value, decimals: 2) : NumberFormat.significant(value)
    }
    let low = number(value.lowerBound)
    let text =
      value.lowerBound == value.upperBound ? low : "\(low) to \(number(value.upperBound))"
    return text + (isShare ? " %" : "") + (isVerified ? "" : " ?")
  }

  static let legend = "A number with ? was recalled and not checked in its source."

  package static func json(_ published: Published?) -> JSONValue {
    guard let published else { return .null }
    return [
      "low": JSONValue(published.value.lowerBound), "high": JSONValue(published.value.upperBound),
      "source": JSONValue(published.source), "verified": JSONValue(published.isVerified),
    ]
  }
}

extension Interval {
  /// - Parameter isShare: whether it is shown as per cent.
  package func text(isShare: Bool) -> String {
    guard mean.isFinite else { return "-" }
    return isShare ? NumberFormat.share(self) : NumberFormat.interval(self)
  }
}
