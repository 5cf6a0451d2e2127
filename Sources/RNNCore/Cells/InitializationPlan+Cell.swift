extension InitializationPlan {
  /// What a cell asks for by its name: PyTorch's uniform ±1/√H; the identity and zero biases for
  /// IRNN; the forget bias that an LSTM names.
  public static func standard(for cell: CellKind?) -> InitializationPlan {
    cell?.cell.start ?? InitializationPlan()
  }
}
