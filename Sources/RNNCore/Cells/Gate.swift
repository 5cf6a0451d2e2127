/// The gates whose values can be read back after a forward pass.
public enum Gate: String, CaseIterable, Sendable, Hashable {
  /// LSTM: what may enter the cell state. minLSTM: i/(f + i), the share of g in the new state.
  case input
  /// LSTM: what stays in the cell state. minLSTM: f/(f + i), the share of the old state in the new
  /// one.
  case forget
  /// LSTM: g, what is written to the cell state; GRU: n, the new hidden state. minGRU and minLSTM:
  /// g, what is mixed into the state.
  case candidate
  /// LSTM: what the cell state shows.
  case output
  /// GRU: what the candidate sees of the old state.
  case reset
  /// GRU: what stays of the old state. minGRU: the share of it that is replaced.
  case update
  /// Jordan and Elman-Jordan: the hidden layer f(W x + U s + b).
  case hidden
}
