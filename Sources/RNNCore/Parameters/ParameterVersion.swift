/// Which values something was derived from: those of one store after so many changes.
struct ParameterVersion {
  private var store: ParameterStore
  private var generation: Int

  init(_ store: ParameterStore) {
    self.store = store
    generation = store.generation
  }

  /// Whether `parameters` still holds those values.
  func isCurrent(_ parameters: ParameterStore) -> Bool {
    store === parameters && generation == parameters.generation
  }
}
