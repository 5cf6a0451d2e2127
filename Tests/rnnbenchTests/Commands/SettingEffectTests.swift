import Foundation
import RNNCore
import RNNTasks
import Testing

@testable import RNNStudies

/// Goes through every setting of every task: each one that is accepted has to change something.
@Suite("No setting is without effect")
struct SettingEffectTests {
  /// Another value of a setting, and what both runs have besides.
  private struct Change {
    var arguments: [String]
    var beside: [String] = []

    init(_ arguments: String, beside: String = "") {
      self.arguments = arguments.split(separator: " ").map(String.init)
      self.beside = beside.split(separator: " ").map(String.init)
    }
  }

  /// What is tried of each setting; of a toggle the state that is not standard.
  private static func change(_ name: String, _ kind: String) -> Change? {
    switch name {
    case "cell": Change(kind == "autoencode" ? "--cell lstm" : "--cell gru")
    case "cells": Change("--cells lstm")
    case "hidden": Change("--hidden 6")
    case "embedding": Change("--embedding 5")
    case "layers": Change("--layers 3")
    case "directions": Change("--directions bidirectional-sum")
    case "window": Change("--window 3")
    case "dropout": Change("--dropout 0.31")
    case "recurrent-dropout": Change("--recurrent-dropout 0.31")
    case "init": Change("--init normal=0.3")
    case "uniform-start": Change("--uniform-start 0.05")
    case "crf": Change(kind == "tag" ? "--no-crf" : "--crf")
    case "tied": Change("--tied", beside: "--embedding 7 --hidden 7")
    case "intent-weight": Change("--intent-weight 0.9")
    case "attention": Change(kind == "vqa" ? "--attention dot" : "--attention dot")
    case "feeding": Change("--feeding context", beside: "--attention dot")
    case "sampling": Change("--sampling constant=0.9")
    case "reverse-source":
      Change(
        kind == "transduce" ? "--no-reverse-source" : "--reverse-source", beside: "--cell lstm")
    case "image": Change("--no-image")
    case "optimizer": Change("--optimizer sgd")
    case "momentum": Change("--momentum 0.1", beside: "--optimizer momentum")
    case "rate": Change("--rate 0.1")
    case "batch": Change("--batch 3")
    case "weight-decay": Change("--weight-decay 0.3")
    case "schedule": Change("--schedule decay=0.5")
    case "schedule-epochs": Change("--schedule-epochs 9", beside: "--schedule cosine")
    case "clip-mode": Change("--clip-mode value", beside: "--clip 0.001")
    case "clip": Change("--clip 0.001")
    case "averaging": Change("--averaging 0.5")
    case "epochs": Change("--epochs 2")
    case "patience":
      Change("--patience 1", beside: "--rate 1e-30 --epochs 6")
    case "time-limit": Change("--time-limit 1e-9")
    case "profile-every": Change("--profile-every 2")
    case "probe": Change(kind.isEmpty ? "--probe all" : "--probe last", beside: "--profile-every 2")
    case "seed": Change("--seed 2")
    case "shards": Change("--shards 3")
    case "accumulate": Change("--accumulate 2")
    default: ofData(name, kind)
    }
  }

  private static func ofData(_ name: String, _ kind: String) -> Change? {
    switch name {
    case "columns": Change("--columns 2,1", beside: "--data columns")
    case "comments": Change("--comments", beside: "--data columns")
    case "skip-header":
      Change("--skip-header", beside: kind == "tag" ? "--data columns" : known(kind))
    case "scheme": Change("--scheme labels")
    case "unit": Change(kind == "lm" ? "--unit word" : "--unit character")
    case "minimum-count":
      Change(
        kind == "vqa" ? "--minimum-count 17" : "--minimum-count 9",
        beside: kind == "lm" ? "--unit word" : "--minimum-count 1")
    case "word-dropout": Change("--word-dropout 0.6")
    case "lowercase":
      Change(kind == "classify" ? "--no-lowercase" : "--lowercase", beside: known(kind))
    case "digits": Change(kind == "parse" ? "--no-digits" : "--digits", beside: known(kind))
    case "steps": Change("--steps 5")
    case "validation-share": Change("--validation-share 0.5")
    case "test-share": Change("--test-share 0.5")
    case "data-seed": Change("--data-seed 2")
    case "most-steps": Change("--most-steps 2")
    case "chunk": Change("--chunk 3")
    case "group-lengths": Change(kind == "parse" ? "--no-group-lengths" : "--group-lengths")
    case "patch": Change("--patch 2")
    case "languages": Change("--languages de,en")
    case "most-words":
      Change(kind == "autoencode" ? "--most-words 4" : "--most-words 2", beside: known(kind))
    case "parser-source": Change("--parser-source tags", beside: known(kind))
    case "write-tags": Change("--no-write-tags")
    case "problem": Change("--problem copy")
    case "pairs": Change("--pairs 40")
    case "lengths": Change("--lengths 2-4")
    case "length": Change("--length 11")
    case "updates": Change("--updates 3")
    case "seeds": Change("--seeds 1")
    case "success": Change("--success 0.0001")
    case "target-loss": Change("--target-loss 1000")
    case "fair": Change("--fair parameters", beside: "--cells gru,lstm")
    case "thresholds": Change("--thresholds 0.01")
    case "mode": Change("--mode value", beside: "--thresholds 0.001")
    default: nil
    }
  }

  /// Where words are not too rare to be read as what they are.
  private static func known(_ kind: String) -> String {
    ["parse", "classify", "autoencode", "translate", "tag"].contains(kind)
      ? "--minimum-count 1" : kind == "lm" ? "--unit word" : ""
  }

  /// What nothing in small runs shows, each with its reason.
  private static let unseen: Set = [
    "data",  // is another problem
    "threads",  // never changes a bit
    "reduction",  // changes what several processes do
    "checkpoint-steps",  // changes memory alone
    "beam",  // a search that keeps more may find the same
    "target-loss",  // changes which time is taken
  ]

  @Test("A changed setting changes a training run", arguments: TrainedKind.all)
  func training(_ kind: TrainedKind) throws {
    let line = try CommandLine()
    defer { line.remove() }
    try Self.fill(line)
    let task = try #require(TaskName(rawValue: kind.name))
    var known: [String: String] = [:]
    func result(_ more: [String]) throws -> String {
      let key = more.joined(separator: " ")
      if let result = known[key] { return result }
      var kind = kind
      // Tags in columns come without intents.
      if more.contains("columns") { kind.options = [] }
      // A toggle is not turned both ways.
      kind.options.removeAll { $0.hasPrefix("--") && more.contains("--no-" + $0.dropFirst(2)) }
      // Nor is an image cut that nobody looks at.
      if more.contains("--no-image") { kind.options.removeAll { ["--patch", "4"].contains($0) } }
      let outcome = try line.run(kind.arguments(["--overwrite", "--json", "r.json"] + more))
      #expect(outcome.code == 0, "\(kind.name) \(key): \(outcome.errors)")
      var document = try line.json("r.json")
      for part in ["machine", "configuration"] { document[part] = nil }
      known[key] = try "\(line.tensors("m").sorted { $0.key < $1.key })" + Self.text(document)
      return known[key] ?? ""
    }
    for setting in TrainRequest.declared where setting.kinds?.contains(task) ?? true {
      if Self.unseen.contains(setting.name) { continue }
      let change = try #require(
        Self.change(setting.name, kind.name), "\(setting.name) is not tried")
      #expect(
        try result(change.beside) != result(change.beside + change.arguments),
        "\(kind.name) \(change.arguments)")
    }
  }

  @Test(
    "A changed setting changes a study",
    arguments: [
      (Study.compare, TaskName.adding), (.compare, .lm), (.clip, .temporalOrder),
      (.profile, .slots),
      (.surface, .slots),
    ])
  func studies(_ study: Study, _ task: TaskName) throws {
    let line = try CommandLine()
    defer { line.remove() }
    try Self.fill(line)
    let settings = StudySettings.settings(of: study)
    let names = Set(settings.map(\.name))
    let small = [
      ("hidden", "4"), ("updates", "2"), ("batch", "4"), ("seeds", "2"), ("length", "10"),
      ("cells", "gru"), ("thresholds", "1"),
    ].filter { name, _ in
      names.contains(name) && settings.first { $0.name == name }?.kinds?.contains(task) ?? true
    }.flatMap { ["--\($0)", $1] }
    var known: [String: String] = [:]
    func result(_ more: [String]) throws -> String {
      let key = more.joined(separator: " ")
      if let result = known[key] { return result }
      let grid = study == .surface ? ["--grid", "3", "--path-steps", "2"] : []
      let outcome = try line.run(
        [study.rawValue, task.rawValue] + small + grid + ["--json", "r.json"] + more)
      #expect(outcome.code == 0, "\(study) \(task) \(key): \(outcome.errors)")
      var document = try line.json("r.json")
      for part in ["machine", "configuration"] { document[part] = nil }
      known[key] = try Self.text(document) + (more.contains("--success") ? outcome.output : "")
      return known[key] ?? ""
    }
    for setting in settings where setting.kinds?.contains(task) ?? true {
      if Self.unseen.contains(setting.name) || setting.name == "epochs" { continue }
      var change = try #require(Self.change(setting.name, ""), "\(setting.name) is not tried")
      if setting.name == "probe" { change.beside = [] }
      #expect(
        try result(change.beside) != result(change.beside + change.arguments),
        "\(study) \(task) \(change.arguments)")
    }
  }

  /// Data with capitals, digits and columns.
  private static func fill(_ line: CommandLine) throws {
    try line.fillTinyData()
    for file in [
      "tags/train/seq.in", "text", "classes.tsv", "parallel/train.en", "trees/train.ptb",
    ] {
      let lines = try String(contentsOfFile: line.path(file), encoding: .utf8)
        .split(separator: "\n", omittingEmptySubsequences: false)
      let mixed = lines.enumerated().map { index, text in
        index % 3 != 0
          ? String(text)
          : String(text).replacing("w1", with: "W1").replacing("says", with: "Says")
            .replacing("and", with: "And").replacing("e1", with: "E1")
            + (file == "classes.tsv" && !text.isEmpty ? " indeed" : "")
      }
      try line.write(mixed.joined(separator: "\n"), to: file)
    }
    for part in ["train", "valid", "test"] {
      let rows = (0..<20).map { "# O\nw\($0 % 7) v\($0 % 3) \($0 % 7 < 3 ? "B-low" : "O")\n" }
      try line.write(rows.joined(separator: "\n"), to: "columns/\(part).txt")
    }
  }

  /// A document without what the clock says.
  private static func text(_ document: [String: Any]) throws -> String {
    func stripped(_ value: Any) -> Any {
      if let object = value as? [String: Any] {
        return object.filter { key, _ in
          !key.lowercased().contains("second") && !["gflops", "peakShare"].contains(key)
            && !key.hasSuffix("PerSecond")
        }.mapValues(stripped)
      }
      return (value as? [Any])?.map(stripped) ?? value
    }
    let data = try JSONSerialization.data(
      withJSONObject: stripped(document), options: [.sortedKeys])
    return String(decoding: data, as: UTF8.self)
  }
}
