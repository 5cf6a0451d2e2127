/// Which values something was derived from: those of one memory after so many changes.
struct ParameterVersion {
  private var memory: any ParameterMemory
  private var generation: Int

  init(_ memory: any ParameterMemory) {
    self.memory = memory
    generation = memory.generation
  }

  /// Whether `parameters` still holds those values.
  func isCurrent(_ parameters: any ParameterMemory) -> Bool {
    memory === parameters && generation == parameters.generation
  }
}
