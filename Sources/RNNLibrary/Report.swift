// The names are those of rnncore.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CRNN
import RNNCore
import RNNReport

@c @implementation
public func rnncore_report_write(
  _ looks: UnsafePointer<rnncore_look>?, _ count: Int64, _ subject: UnsafePointer<CChar>?,
  _ path: UnsafePointer<CChar>?
) -> rnncore_status {
  guarded { () throws(RNNError) in
    let path = try text(path, "path")
    let number = try size(count, "count")
    guard number > 0 else {
      throw RNNError(.empty, "looks", expected: "at least one", found: "none")
    }
    let start = try present(looks, "looks")
    var course = Course()
    for index in 0..<number { try course.add(start[index], index) }
    let report = course.report(subject: subject.map { String(cString: $0) } ?? "")
    do throws(OutputError) {
      try OutputFile(path: path).write(report.html)
    } catch {
      throw RNNError(.file, path, expected: "a file that can be written", found: "\(error)")
    }
  }
}

/// Profiles of one or several stacks over a training.
private struct Course {
  private struct Look {
    let profile: ProfileHandle
    let model: String
    let step: Int

    /// What a layer is called among those of all stacks.
    func name(_ layer: String) -> String { model.isEmpty ? layer : "\(model).\(layer)" }

    /// What is shown of each layer.
    func shown(as time: String) -> [ProfileLook] {
      let judged = profile.profile.judged
      return judged.layers.enumerated().map { index, layer in
        ProfileLook(
          cell: "\(profile.configuration.cell)", when: time, name: name(layer.name), layer: layer,
          verdict: profile.verdicts[index], loss: nil, memoryNeeded: profile.steps(layer),
          jacobians: profile.profile.spectra.isEmpty ? nil : profile.profile.spectra[index])
      }
    }
  }

  /// Of each stack, in the order of their first profiles.
  private var models: [(name: String, looks: [Look])] = []

  mutating func add(_ look: rnncore_look, _ index: Int) throws(RNNError) {
    guard let profile = look.profile else {
      throw RNNError(.shape, "look \(index)", expected: "a profile", found: "NULL")
    }
    let name = look.model.map { String(cString: $0) } ?? ""
    let added = Look(
      profile: try ProfileHandle.object(profile), model: name,
      step: try size(look.step, "step of look \(index)"))
    if let place = models.firstIndex(where: { $0.name == name }) {
      models[place].looks.append(added)
      models[place].looks.sort { $0.step < $1.step }
    } else {
      models.append((name, [added]))
    }
  }

  func report(subject: String) -> HTMLReport {
    let isCourse = models.contains { $0.looks.count > 1 }
    let last = Self.time("last", models.compactMap(\.looks.last))
    let first = isCourse ? Self.time("first", models.compactMap(\.looks.first)) : last
    let looks = models.flatMap { model in
      (model.looks.count > 1 ? model.looks[0].shown(as: first.name) : [])
        + (model.looks.last?.shown(as: last.name) ?? [])
    }
    let times = isCourse ? [first, last] : [last]
    let needed = Set(looks.map(\.memoryNeeded))
    let gradients = GradientReport(
      looks, times: times, memoryNeeded: needed.count == 1 ? needed.first : nil, column: "layer")
    let table = gradients.table(summary)
    let answers = looks.filter { $0.when == last.name }.compactMap { look in
      look.verdict.map { String(look.name.dropLast($0.layer.count)) + $0.sentence }
    }
    return HTMLReport(
      title: "Where gradients go", subtitle: table.title,
      generator: HTMLReport.generator("rnncore"),
      sections: gradients.sections(
        answer: answers, opening: subject.isEmpty ? nil : subject, table: table)
        + (isCourse ? [training] : [])
        + [ReportSection("Configuration", [.details(summary: "As JSON", text: configuration.text)])]
    )
  }

  /// What the looks at one end of the training are called: by their step where it is the same for
  /// all stacks.
  private static func time(_ name: String, _ looks: [Look]) -> GradientReport.Time {
    let steps = Set(looks.map(\.step))
    guard steps.count == 1, let step = steps.first else {
      return GradientReport.Time(name, "at the \(name) look")
    }
    return GradientReport.Time("step \(step)", "at training step \(step)")
  }

  /// Which steps were looked at.
  private var summary: String {
    let steps = models.flatMap { $0.looks.map(\.step) }
    let (low, high) = (steps.min() ?? 0, steps.max() ?? 0)
    return low == high
      ? "training step \(low)"
      : "\(Set(steps).count) looks, from training step \(low) to \(high)"
  }

  private var training: ReportSection {
    ReportSection(
      "What training changes",
      [
        .figure(
          GradientReport.course(
            "Gradient that arrives", unit: "share of the gradient",
            caption:
              "What is left of the gradient over the steps that are needed, during training.",
            howToRead:
              "A layer learns from what lies this far back where the line is above 1 %.",
            series: arrivals,
            references: [.init(direction: .horizontal, value: 0.01, label: "1 %")])),
        .figure(
          GradientReport.course(
            "Gradient of parameters", unit: "‖gradient‖",
            caption: "Norm of the gradient of all parameters of a module, during training.",
            howToRead: "Peaks are steps near a cliff of the error surface.", series: norms)),
      ])
  }

  private var arrivals: [LineChart.Series] {
    models.flatMap { model in
      (model.looks.first?.profile.profile.judged.layers ?? []).indices.map { index in
        LineChart.Series(
          name: model.looks[0].name(model.looks[0].profile.profile.judged.layers[index].name),
          points: model.looks.compactMap { look in
            let layer = look.profile.profile.judged.layers[index]
            return layer.memory.share(at: look.profile.steps(layer)).map {
              LineChart.Point(x: Double(look.step), y: $0)
            }
          })
      }
    }
  }

  private var norms: [LineChart.Series] {
    models.map { model in
      LineChart.Series(
        name: model.name.isEmpty ? "all" : model.name,
        points: model.looks.map {
          LineChart.Point(x: Double($0.step), y: $0.profile.profile.all.globalNorm)
        })
    }
  }

  private var configuration: JSONValue {
    .object(
      models.map { model in
        let shape = model.looks[0].profile.configuration
        return (
          model.name,
          [
            "cell": JSONValue("\(shape.cell)"), "inputSize": JSONValue(shape.inputSize),
            "hiddenSize": JSONValue(shape.hiddenSize), "layers": JSONValue(shape.layers),
            "directions": JSONValue(shape.directions.rawValue),
            "looks": JSONValue(model.looks.count),
          ]
        )
      })
  }
}

extension ProfileHandle {
  /// The steps over which a layer has to remember, as far as its sequences are long enough.
  fileprivate func steps(_ layer: GradientProfile.Layer) -> Int {
    min(memoryNeeded ?? .max, layer.memory.byDistance.count - 1)
  }
}
