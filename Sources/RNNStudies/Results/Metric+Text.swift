import RNNReport
import RNNTasks

extension Metric {
  /// A share as per cent, anything else as a number.
  package var text: String { Self.text(value, isShare: notation == .share) }

  package static func text(_ value: Double, isShare: Bool) -> String {
    isShare
      ? NumberFormat.percent(value, decimals: 2)
      : NumberFormat.significant(value, digits: 4)
  }
}
