/// The files that a command was asked to write.
package struct OutputFiles {
  package var json: OutputFile?
  package var csv: OutputFile?
  package var report: OutputFile?

  package init(json: OutputFile? = nil, csv: OutputFile? = nil, report: OutputFile? = nil) {
    self.json = json
    self.csv = csv
    self.report = report
  }

  /// Writes what was asked for and says so.
  package func write(json: JSONValue, csv: String, report: HTMLReport) throws {
    try self.json?.write(json.text)
    try self.csv?.write(csv)
    try self.report?.write(report.html)
    let names = [self.json, self.csv, self.report].compactMap { $0 }.filter { !$0.isStream }
      .map(\.path.printable)
    guard let last = names.last else { return }
    let others = names.dropLast().joined(separator: ", ")
    Terminal.print("Wrote \(others.isEmpty ? "" : others + " and ")\(last).")
  }
}
