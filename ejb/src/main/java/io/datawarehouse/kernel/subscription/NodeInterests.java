package io.datawarehouse.kernel.subscription;

import io.datawarehouse.kernel.json.Json;
import io.datawarehouse.sdk.cluster.KeyHash;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TopicPattern;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What one node handles and hears. Immutable.
 *
 * @param incarnation which run of the node says so
 * @param version grows with every change in that run
 * @param starting whether more is to come, because its plugins are not all there yet
 * @param topics whose commands and queries it handles
 * @param patterns whose events it hears
 * @param text the record as it stands in the registry
 * @param digest a digest of the text, never 0
 */
record NodeInterests(
    long incarnation,
    long version,
    boolean starting,
    Set<Topic> topics,
    List<TopicPattern> patterns,
    String text,
    long digest) {

  /** A node that said nothing yet. */
  static final NodeInterests NONE = new NodeInterests(0, 0, true, Set.of(), List.of(), "", 0);

  /** The form in the registry; a node that has started says nothing of it. */
  private record Stored(
      long incarnation,
      long version,
      Optional<Boolean> starting,
      List<String> topics,
      List<String> patterns) {}

  static NodeInterests of(
      long incarnation,
      long version,
      boolean starting,
      Set<Topic> topics,
      Set<TopicPattern> patterns) {
    List<String> topicNames = topics.stream().map(Topic::name).sorted().toList();
    List<String> texts = patterns.stream().map(TopicPattern::text).sorted().toList();
    String text =
        new String(
            Json.write(
                new Stored(
                    incarnation,
                    version,
                    starting ? Optional.of(true) : Optional.empty(),
                    topicNames,
                    texts)),
            StandardCharsets.UTF_8);
    return new NodeInterests(
        incarnation,
        version,
        starting,
        Set.copyOf(topics),
        List.copyOf(patterns),
        text,
        digest(text));
  }

  /**
   * Reads a record.
   *
   * @throws io.datawarehouse.sdk.error.WarehouseException where it is not of that form
   */
  static NodeInterests parse(String text) {
    Stored stored = Json.read(text.getBytes(StandardCharsets.UTF_8), Stored.class);
    return new NodeInterests(
        stored.incarnation,
        stored.version,
        stored.starting.orElse(false),
        stored.topics.stream().map(Topic::of).collect(java.util.stream.Collectors.toSet()),
        stored.patterns.stream().map(TopicPattern::of).toList(),
        text,
        digest(text));
  }

  /** Returns whether this one was said after the other. */
  boolean isLaterThan(NodeInterests other) {
    return incarnation != other.incarnation
        ? incarnation > other.incarnation
        : version > other.version;
  }

  boolean hears(Topic topic) {
    for (TopicPattern pattern : patterns) {
      if (pattern.matches(topic)) {
        return true;
      }
    }
    return false;
  }

  private static long digest(String text) {
    long hash = KeyHash.mix(KeyHash.of(text));
    return hash == 0 ? 1 : hash;
  }
}
