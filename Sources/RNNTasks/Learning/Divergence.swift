import RNNCore

/// Where a training run stopped making sense: its loss or its parameters are infinite or not a
/// number, and no later step brings them back.
public struct Divergence: Hashable, Sendable, CustomStringConvertible {
  /// What stopped being finite.
  public enum Quantity: String, Hashable, Sendable {
    /// The loss of a batch.
    case trainingLoss = "training loss"
    /// The loss of the validation data.
    case validationLoss = "validation loss"
    /// A number that training changes.
    case parameters
    /// What the optimiser remembers of earlier gradients, such as the mean of their squares.
    case optimizer = "optimiser's memory"
    /// The gradients of all steps of an epoch: none of them was an update.
    case gradients
  }

  /// What stopped being finite.
  public let quantity: Quantity
  /// The pass over the training data in which it did, from 1 on.
  public let epoch: Int
  /// The step of the run after which it was seen, from 1 on.
  public let step: Int
  /// The layer and time step where it began, or the parameter; nil where nothing tells.
  public let place: String?

  public var description: String {
    let verb = quantity == .parameters || quantity == .gradients ? "are" : "is"
    return "\(quantity.rawValue) \(verb) not finite in epoch \(epoch), at step \(step)"
      + (place.map { ": first the \($0)" } ?? "")
  }
}
