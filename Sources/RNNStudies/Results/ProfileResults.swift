import RNNReport

/// What `profile` has found, as it is shown and written.
package protocol ProfileResults {
  var maps: [HeatMap] { get }
  var table: Table { get }
  /// What the numbers mean, a verdict each.
  var sentences: [String] { get }
  var sections: [ReportSection] { get }
  var configuration: JSONValue { get }
  var csv: String { get }
  func json(_ machine: MachineRecord) -> JSONValue
}

extension ProfileStudy: ProfileResults {}
extension PairProfileStudy: ProfileResults {}
