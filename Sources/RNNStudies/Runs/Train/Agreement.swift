import RNNCore

/// What processes that train together have to decide alike between two steps: each decision comes
/// from one of them and reaches all.
struct Agreement: BitwiseCopyable {
  /// The signal that came to any of them; 0 for none.
  var signal: Int32 = 0
  /// Training time by the clock of rank 0.
  var seconds = 0.0
  /// Whether rank 0 has not saved for long.
  var isSaveDue = false
  /// Whether looks at the validation data take rank 0 long.
  var areLooksLong = false

  /// What all go by, of what each has seen for itself: to be called by every rank at the same
  /// place. Throws what the exchange throws.
  static func of(
    _ own: Agreement, among ranks: (any RankGroup)?
  ) throws(RNNError) -> Agreement {
    guard let ranks, ranks.count > 1 else { return own }
    let all = try ranks.gather([own]).map { $0[0] }
    var agreed = all[0]
    agreed.signal = all.lazy.map(\.signal).first { $0 != 0 } ?? 0
    return agreed
  }
}
