/// What of attention the decoder reads beside the token at each step.
public enum AttentionFeeding: String, CaseIterable, Codable, Sendable, Hashable {
  /// Nothing: attention looks at the decoder's outputs once all are there, and everything is taken
  /// in a few large products (Luong, Pham and Manning 2015, without input feeding).
  case none
  /// tanh(W [c_{t−1}; d_{t−1}] + b), what the readout saw at the step before, zeros at the first:
  /// input feeding (Luong et al. 2015). The decoder knows where it has looked.
  case answer
  /// c_t, the context that d_{t−1} asks for (d_0 the initial state of the top layer): attention
  /// within the step (Bahdanau, Cho and Bengio 2015).
  case context
}
