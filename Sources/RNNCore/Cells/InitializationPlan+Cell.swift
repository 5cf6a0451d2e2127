extension InitializationPlan {
  /// What a cell asks for by its name: PyTorch's uniform ±1/√H; the identity and zero biases for IRNN;
  /// the forget bias that an LSTM names.
  public static func standard(for cell: CellKind?) -> InitializationPlan {
    switch cell {
    case .irnn: InitializationPlan(recurrent: .identity(scale: 1), bias: nil)
    case .lstm(_, _, let forgetBias, _): InitializationPlan(forgetBias: forgetBias)
    default: InitializationPlan()
    }
  }
}
