/// Where in a training step numbers first stopped being finite.
///
/// Looked for in the order of computation, so that what is named is the cause and not what it
/// spoiled: states forward (lowest layer, then the step that was read first), the loss's gradient,
/// preactivation gradients backward (top layer, then the last step), and last the products that
/// make weight gradients.
public struct NonFiniteOrigin: Codable, Sendable, Hashable, CustomStringConvertible {
  /// What was infinite or not a number.
  public enum Quantity: String, CaseIterable, Codable, Sendable, Hashable {
    /// h_t: the forward pass overflowed.
    case hiddenState = "hidden state"
    /// c_t.
    case cellState = "cell state"
    /// dE/dy: the outputs or the loss overflowed; all states are finite.
    case outputGradient = "output gradient"
    /// dE/da_t: BPTT overflowed; the forward pass is finite.
    case preactivationGradient = "preactivation gradient"
    /// dE/da_t times what its weights read; each factor is finite.
    case weightGradient = "weight gradient"
  }

  /// What stopped being finite.
  public let quantity: Quantity
  /// As in parameter names: `l0`, `l1_reverse`, `readout`.
  public let layer: String
  /// The caller's index.
  public internal(set) var sequence: Int
  /// The time step as the caller counts it, in both directions from 0.
  public internal(set) var step: Int

  public var description: String {
    "\(quantity.rawValue) of \(layer) at time step \(step) of sequence \(sequence)"
  }
}
