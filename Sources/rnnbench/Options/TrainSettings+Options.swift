import RNNCore
import RNNStudies
import RNNTasks

extension TrainSettings {
  /// Puts what was given in its place.
  mutating func apply(_ options: TrainOptions, data group: DataOptionGroup) throws {
    try group.apply(to: &data)
    model = try ModelSettings(options.model, standard: model)
    // Whatever its size, an image that nobody looks at can be cut so.
    if !model.usesImage { data.patch = 1 }
    if let text = options.cell {
      cell = try CellChoice(text).name
    } else if let directions = options.model.directions {
      // The standard cell reads in directions of its own: what was asked for takes their place.
      cell = try CellChoice(cell).reading(directions).name
    }
    // A recurrent dropout that is standard means nothing to a cell without recurrent weights.
    if options.model.recurrentDropout == nil,
      try CellChoice(cell).cell?.hasRecurrentProduct == false
    {
      model.recurrentDropout = 0
    }
    if let name = options.step.optimizer, name != optimizer {
      optimizer = name
      weightDecay = name.rule(momentum: momentum).standardWeightDecay
    }
    if let value = options.step.momentum { momentum = value }
    if let value = options.step.rate { rate = value }
    if let value = options.step.batch { batch = value }
    if let text = options.schedule { schedule = try LearningSchedule(text) }
    if let value = options.scheduleEpochs { scheduleEpochs = value }
    if let value = options.step.weightDecay { weightDecay = value }
    if let value = options.clipMode { clipMode = value }
    if let value = options.clip { clip = value }
    if let value = options.averaging { averaging = value }
    if let value = options.epochs { epochs = value }
    if let value = options.patience { patience = value }
  }
}
