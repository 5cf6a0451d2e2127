/// What is held equal between the rows of a comparison: the hidden size, the number of parameters
/// or the training time.
package enum Fairness: String, CaseIterable, Sendable {
  case hidden, parameters, time
}
