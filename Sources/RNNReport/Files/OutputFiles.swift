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

  /// Writes what was asked for and says so. All files are tried.
  ///
  /// Throws ``OutputError`` with each that could not be written.
  ///
  /// - Parameter others: further files with their texts.
  package func write(
    beside others: [(file: OutputFile, text: String)] = [], json: JSONValue, csv: String,
    report: HTMLReport
  ) throws(OutputError) {
    var texts = others
    if let file = self.json { texts.append((file, json.text)) }
    if let file = self.csv { texts.append((file, csv)) }
    if let file = self.report { texts.append((file, report.html)) }
    var failures: [OutputError] = []
    var names: [String] = []
    for (file, text) in texts {
      do throws(OutputError) {
        try file.write(text)
        if !file.isStream { names.append(file.path.printable) }
      } catch {
        failures.append(error)
      }
    }
    if let last = names.last {
      let others = names.dropLast().joined(separator: ", ")
      Terminal.print("Wrote \(others.isEmpty ? "" : others + " and ")\(last).")
    }
    if let failure = OutputError(all: failures) { throw failure }
  }
}
