internal import CLibrary

/// How the threads of a team divide a time loop: its sequences into `rows` parts, and the hidden
/// units of each part into `units`.
///
///     1 × 4                2 × 2               4 × 1
///     all sequences,       half of both        a quarter of the sequences,
///     a quarter of the                         all units
///     units
///
/// The threads of one part of the sequences wait for each other at every step, those of different
/// parts never. A grid changes no bits. Which one is taken, ``UnrollSchedule`` says; the
/// environment variable `RNNCORE_GRID`, such as `2x4`, forces one, as far as a team has threads and
/// a layer sequences and units.
package struct UnrollGrid: Sendable, Hashable, CustomStringConvertible {
  package var rows: Int
  package var units: Int

  package init(rows: Int, units: Int) { (self.rows, self.units) = (rows, units) }

  /// One thread.
  package static let alone = UnrollGrid(rows: 1, units: 1)

  /// Threads.
  package var count: Int { rows * units }

  /// As the environment variable has it: `2x4`.
  package var description: String { "\(rows)x\(units)" }

  /// The environment variable that forces a grid.
  package static let environmentVariable = "RNNCORE_GRID"

  /// What the environment variable forces; nil when it is not set or unusable.
  ///
  /// Call ``validateEnvironment()`` at the start of a program to report what is unusable.
  package static let forced: UnrollGrid? = (try? requested()) ?? nil

  /// Throws when `RNNCORE_GRID` is no grid.
  package static func validateEnvironment() throws(RNNError) { _ = try requested() }

  private static func requested() throws(RNNError) -> UnrollGrid? {
    try parse(environmentValue(of: environmentVariable))
  }

  /// The grid that a text such as `2x4` means; nil for none.
  static func parse(_ text: String?) throws(RNNError) -> UnrollGrid? {
    guard let text, !text.isEmpty else { return nil }
    let parts = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let rows = parts[0], let units = parts[1],
      (1...1024).contains(rows), (1...1024).contains(units)
    else {
      throw RNNError(
        .format, environmentVariable,
        expected: "parts of the sequences x parts of the units, such as 2x4",
        found: text.shortened())
    }
    return UnrollGrid(rows: rows, units: units)
  }

  /// The same with no more threads than there are: fewer parts of the units, then of the sequences.
  func fitting(_ threads: Int) -> UnrollGrid {
    let units = min(units, threads)
    return UnrollGrid(rows: min(rows, threads / units), units: units)
  }
}
