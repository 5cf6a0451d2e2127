/// The gates whose values can be read back after a forward pass.
public enum Gate: String, CaseIterable, Sendable, Hashable {
  /// LSTM: what may enter the cell state.
  case input
  /// LSTM: what stays in the cell state.
  case forget
  /// LSTM: g, what is written to the cell state; GRU: n, the new hidden state.
  case candidate
  /// LSTM: what the cell state shows.
  case output
  /// GRU: what the candidate sees of the old state.
  case reset
  /// GRU: what stays of the old state.
  case update
  /// Jordan and Elman-Jordan: the hidden layer f(W x + U s + b).
  case hidden
}
