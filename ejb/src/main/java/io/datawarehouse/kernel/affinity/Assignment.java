package io.datawarehouse.kernel.affinity;

import io.datawarehouse.kernel.affinity.AffinityRules.Rule;
import io.datawarehouse.sdk.message.Message;
import java.time.Instant;
import java.util.Optional;

/**
 * The rule of one topic, and its provider at work. Immutable.
 *
 * @param rule the rule
 * @param affinity its provider; empty where it does not run
 */
public record Assignment(Rule rule, Optional<Affinity> affinity) {

  private static final String BY_HASH = "by-hash";
  private static final String PINNED = "pinned";

  /** Tells what the provider makes of a message, and which node keeps its key; changes nothing. */
  public AffinityAnswer explain(Message message, Instant now) {
    if (affinity.isEmpty()) {
      return without(Optional.empty(), "the provider does not run on this node");
    }
    Affinity working = affinity.get();
    PinTable pins = working.pins();
    Optional<String> stickiness = Optional.of(pins == null ? BY_HASH : PINNED);
    if (message.affinityKey().isPresent()) {
      return without(stickiness, "the message has an affinity key of its own, which wins");
    }
    String key = working.keyOf(message);
    if (key == null) {
      return without(stickiness, "the provider finds nothing that the message belongs to");
    }
    Optional<PinTable.Pin> pin = pins == null ? Optional.empty() : pins.show(key);
    return new AffinityAnswer(
        rule.provider(),
        rule.pattern().text(),
        Optional.of(key),
        stickiness,
        pin.isPresent(),
        pin.map(PinTable.Pin::node),
        pin.map(found -> now.minus(working.age(found))),
        pins == null
            ? "the key's hash decides, the same on all nodes"
            : pin.isPresent()
                ? "a node keeps the key while it is in service"
                : "no node keeps the key yet; its hash decides who will");
  }

  private AffinityAnswer without(Optional<String> stickiness, String because) {
    return new AffinityAnswer(
        rule.provider(),
        rule.pattern().text(),
        Optional.empty(),
        stickiness,
        false,
        Optional.empty(),
        Optional.empty(),
        because);
  }
}
