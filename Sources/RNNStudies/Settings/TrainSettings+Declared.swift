import RNNCore
import RNNReport
import RNNTasks

extension TrainSettings: LearningSettings, SettingRoot {
  package var task: TaskName? { kind }
  package var choices: [CellChoice] { (try? [CellChoice(cell)]) ?? [] }

  /// Gives what was not set the value that suits what was.
  package mutating func settle(given: Set<String>, from before: TrainSettings) throws {
    if given.contains("directions"), !given.contains("cell") {
      // The standard cell reads in directions of its own: what was asked for takes their place.
      cell = try CellChoice(cell).reading(model.directions).name
    }
    // Whatever its size, an image that nobody looks at can be cut so.
    if !model.usesImage { data.patch = 1 }
    settleLearning(given: given, from: before)
  }
}

extension TrainSettings {
  private static let pairs = TaskName.learned.filter { $0.pairs != nil }
  private static let texts: [TaskName] = [.tag, .lm, .classify, .translate, .autoencode, .parse]

  /// What is declared of a training run that is saved with its model.
  package static var declared: [Setting<TrainSettings>] {
    ofData + ofCell + Setting.ofModel + [ofIntents] + Setting.ofSteps + ofRates + [
      .number("seed", at: \.seed, .any, "Seed of weights and order"),
      .number(
        "shards", at: \.shards, .count(from: 1),
        "Parts of a batch, whose gradients are added in a fixed order"
      ).otherwise("1; 4 under mpirun").rare.unless {
        $0.gradientOrder == .fast ? .init("--reduction fixed", found: "fast") : nil
      },
      .choice(
        "reduction", at: \.gradientOrder, placeholder: "order",
        "How processes add gradients: fixed gives the bits of one, fast does not"
      ).otherwise("fixed").rare,
      .number(
        "accumulate", at: \.accumulate, .count(from: 1),
        "Batches whose gradients make one update"
      ).otherwise("1").inSection(.training).rare,
      ofCheckpoints,
      .number("threads", at: \.threads, .threads, "Threads"),
    ]
  }

  private static var ofCheckpoints: Setting<TrainSettings> {
    .text(
      "checkpoint-steps", placeholder: "n|sqrt",
      "Steps that BPTT keeps in memory; it makes the others anew",
      read: { $0.checkpointing?.description },
      write: { text, root throws(RNNError) in
        root.checkpointing = try GradientCheckpointing(text)
      }
    ).only(.tag, .lm, .music).otherwise("all").inSection(.training).rare.unless {
      if let choice = $0.choices.first,
        choice.isBidirectional || $0.model.directions != .forward
      {
        return .init("a network in one direction", found: choice.name)
      }
      return $0.model.usesChain ? .init("--no-crf", found: "--crf") : nil
    }
  }

  /// What new data may be read with.
  package static var ofReading: [Setting<TrainSettings>] {
    Array(
      in: .data,
      [
        .text(
          "columns", placeholder: "i,j",
          "Columns of words, tags; or form,upos",
          read: { "\($0.data.tokenColumn),\($0.data.tagColumn)" },
          write: { text, root throws(RNNError) in
            let columns = text.split(separator: ",", omittingEmptySubsequences: false)
            guard columns.count == 2 else {
              throw RNNError(
                .format, "columns", expected: "two columns joined by a comma, such as 1,-1",
                found: text.excerpt)
            }
            root.data.tokenColumn = try DataColumn(String(columns[0]))
            root.data.tagColumn = try DataColumn(String(columns[1]))
          }
        ).only(.tag),
        .toggle(
          "comments", at: \.data.skipsComments,
          "Lines with # before a sentence's first word are comments, as in CoNLL-U"
        )
        .only(.tag).rare,
        .toggle(
          "skip-header", at: \.data.skipsHeader,
          "Pass over the first line of files of labelled lines or columns"
        )
        .only([.tag, .classify, .autoencode]).rare,
        ofScheme,
        .number(
          "beam", at: \.data.beam, .count(from: 1), "Beginnings kept in the search for an answer"
        )
        .only(pairs),
      ])
  }

  private static var ofScheme: Setting<TrainSettings> {
    let told = "auto"
    let names = TagScheme.allCases.map(\.rawValue)
    return Setting(
      "scheme", "How tags are written", form: .value(placeholder: "name"), choices: [told] + names,
      read: { SettingWord(settingText: $0.data.scheme?.rawValue ?? told) },
      write: { text, root throws(RNNError) in
        root.data.scheme = TagScheme(rawValue: text)
        guard text == told || root.data.scheme != nil else {
          throw RNNError(
            .format, "--scheme", expected: ([told] + names).joined(separator: ", "),
            found: text.excerpt)
        }
      }
    ).only(.tag).rare
  }

  private static var ofData: [Setting<TrainSettings>] {
    ofReading + ofTokens + ofParts + ofPairs.map { $0.inSection(.data) }
  }

  private static var ofTokens: [Setting<TrainSettings>] {
    Array(
      in: .data,
      [
        .choice("unit", at: \.data.unit, "What a token is").only(.lm, .classify)
          .otherwise("character for lm, else word"),
        .number(
          "minimum-count", at: \.data.minimumCount, .count(from: 1),
          "Occurrences that make a word known"
        ).only(texts + [.vqa]).unless {
          $0.readsCharacters ? .init("--unit word", found: "characters") : nil
        },
        .number(
          "word-dropout", at: \.data.wordDropout, .belowOne, placeholder: "p",
          "Share of words unknown in training"
        ).only([.tag, .classify, .vqa] + pairs).unless {
          $0.readsCharacters ? .init("--unit word", found: "characters") : nil
        },
        Setting(
          "lowercase", "Ignore case", form: .toggle,
          read: { $0.data.lowercase ?? $0.ignoresCase },
          write: { text, root throws(RNNError) in
            let value = text == "true"
            root.data.lowercase = value == root.ignoresCase ? nil : value
          }
        ).off("Heed case").only(texts).unless {
          $0.kind == .parse && $0.data.parserSource == .tags
            ? .init("a --parser-source with words", found: "tags") : nil
        },
        .toggle("digits", at: \.data.digits, "Take all digits for one symbol")
          .off("Tell digits apart").only(texts).unless {
            $0.readsCharacters ? .init("--unit word", found: "characters") : nil
          },
        .number("steps", at: \.data.steps, .count(from: 1), "Time steps of a training batch").only(
          .lm),
      ])
  }

  private static var ofParts: [Setting<TrainSettings>] {
    Array(
      in: .data,
      [
        .number(
          "validation-share", at: \.data.validationShare, .belowOne, placeholder: "p",
          "Set aside for validation if not given"
        ).only(.classify, .autoencode, .vqa),
        .number(
          "test-share", at: \.data.testShare, .belowOne, placeholder: "p",
          "Set aside for test if not given"
        ).only(.classify, .autoencode),
        .number("data-seed", at: \.data.seed, .any, "Seed of what is set aside or generated")
          .only(.classify, .autoencode, .vqa, .transduce).rare,
        .number("most-steps", at: \.data.mostSteps, .count(from: 1), "Cut longer sequences")
          .only(.classify).otherwise("none"),
        .number(
          "chunk", at: \.data.chunk, .count(from: 1), "Steps that training pieces are cut into"
        )
        .only(.music).otherwise("none"),
        .toggle(
          "group-lengths", at: \.data.groupsByLength, "Batches hold sequences of similar length"
        ).rare.only([.tag, .classify, .music, .vqa] + pairs),
        .number(
          "patch", at: \.data.patch, .count(from: 1), "Pixels of a side of an image's patches"
        )
        .only(.vqa).unless {
          $0.model.usesImage ? nil : .init("a model with images", found: "--no-image")
        },
      ])
  }

  private static var ofPairs: [Setting<TrainSettings>] {
    [
      .text(
        "languages", placeholder: "from,to", "The endings of the files, such as de,en",
        read: \.data.languages,
        write: { text, root throws(RNNError) in
          _ = try LanguagePair(text)
          root.data.languages = text
        }
      ).only(.translate).otherwise("the two there are"),
      .number(
        "most-words", at: \.data.mostWords, .count(from: 1), "Leave longer texts out of training"
      )
      .only(.translate, .autoencode, .parse).otherwise("none"),
      .choice("parser-source", at: \.data.parserSource, "What is read").only(.parse),
      .toggle("write-tags", at: \.data.writesTags, "Write words with their parts of speech")
        .off("Write words without their parts of speech").only(.parse),
      .choice("problem", at: \.data.problem, "What is to be learned").only(.transduce)
        .otherwise(TransductionKind.dates.rawValue),
      .number("pairs", at: \.data.pairs, .count(from: 1), "Training pairs to generate")
        .only(.transduce).otherwise("the problem's"),
      .text(
        "lengths", placeholder: "n-m", "Lengths of generated sources, such as 5-20",
        read: { $0.data.lengths?.text },
        write: { text, root throws(RNNError) in root.data.lengths = try ClosedRange(lengths: text) }
      ).only(.transduce).otherwise("the problem's"),
    ]
  }

  private static var ofIntents: Setting<TrainSettings> {
    .number(
      "intent-weight", at: \.model.intentWeight, .notNegative, placeholder: "x",
      "Weight of the sentence's class"
    ).only(.tag).inSection(.model)
  }

  private static var ofCell: [Setting<TrainSettings>] {
    [
      .text(
        "cell", placeholder: "cell", "Cell, see `rnnbench cells`",
        read: \.cell,
        write: { text, root throws(RNNError) in root.cell = try CellChoice(text).name }
      ).inSection(.model)
    ]
  }

  /// How fast it learns, how gradients are clipped, when it ends.
  private static var ofRates: [Setting<TrainSettings>] {
    Array(
      in: .training,
      [
        .text(
          "schedule", placeholder: "plan",
          "Plan of the rate: constant, cosine[=FLOOR], decay=FACTOR[@EPOCH] or warmup=UPDATES",
          read: { "\($0.schedule)" },
          write: { text, root throws(RNNError) in root.schedule = try LearningSchedule(text) }),
        .number(
          "schedule-epochs", at: \.scheduleEpochs, .count(from: 1),
          "Epochs that cosine is planned for, where a run is made in parts"
        ).otherwise("--epochs").rare.unless {
          $0.schedule.hasLength ? nil : .init("--schedule cosine", found: "\($0.schedule)")
        },
        .choice("clip-mode", at: \.clipMode, placeholder: "mode", "What is clipped"),
        .clip(at: \.clip) { $0.clipMode },
        .number(
          "averaging", at: \.averaging, .belowOne, placeholder: "decay",
          "Average of parameters, 0: none"),
        .number("epochs", at: \.epochs, .count(from: 1), "Passes over the training data"),
        .number(
          "patience", at: \.patience, .count(from: 0),
          "Epochs without gain to end after, 0: all"),
      ])
  }

  /// Whether case is ignored where nothing is said of it.
  private var ignoresCase: Bool { kind == .classify && !readsCharacters }

  private var readsCharacters: Bool {
    switch kind {
    case .lm: data.unit != .word
    case .classify: data.unit == .character
    default: false
    }
  }
}
