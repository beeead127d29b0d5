package io.datawarehouse.kernel.heat;

import io.datawarehouse.sdk.message.Topic;
import java.util.List;
import java.util.OptionalLong;

/** What kernels ask each other about the warmth of segments. Each goes to one certain node. */
final class HeatMessages {

  /** Query: {@link FiguresQuestion} to {@link FiguresAnswer}. */
  static final Topic FIGURES = Topic.of("kernel.heat.figures");

  private HeatMessages() {}

  /** Asks a node for the figures of what it owns. */
  record FiguresQuestion() {}

  /**
   * The figures of what a node owns.
   *
   * @param segments one each, in the order of their numbers
   */
  record FiguresAnswer(List<Figures> segments) {
    FiguresAnswer {
      segments = List.copyOf(segments);
    }
  }

  /**
   * The figures of one segment.
   *
   * @param segment its number
   * @param readsPerSecond requests that read, of late
   * @param writesPerSecond requests that change, of late
   * @param bytesPerSecond bytes given and taken, of late
   * @param blobs how many blobs it holds; empty where they have not been counted yet
   * @param bytes the sum of their sizes; empty where they have not been counted yet
   * @param storedBytes what their contents take; empty where they have not been counted yet
   */
  record Figures(
      int segment,
      double readsPerSecond,
      double writesPerSecond,
      double bytesPerSecond,
      OptionalLong blobs,
      OptionalLong bytes,
      OptionalLong storedBytes) {}
}
