package io.datawarehouse.kernel.federation;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.message.HandlerOptions;
import io.datawarehouse.sdk.message.MessageHandler;
import io.datawarehouse.sdk.message.Registration;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.SubscriberOptions;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.message.TopicPattern;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** After whatever happened, every node knows exactly what all nodes handle and hear: counted. */
@Timeout(120)
class SubscriptionConvergenceTest {

  private static final int EACH = 50;

  private static List<Registration> register(LabNode node, String prefix) {
    List<Registration> registrations = new ArrayList<>();
    for (int i = 0; i < EACH; i++) {
      registrations.add(
          node.view("plugin")
              .handle(
                  Topic.of(prefix + "." + node.id.value() + "." + i),
                  HandlerOptions.direct(),
                  MessageHandler.sync(message -> Reply.empty())));
      registrations.add(
          node.view("plugin")
              .subscribe(
                  TopicPattern.of(prefix + "." + i + ".*"),
                  SubscriberOptions.defaults(),
                  event -> {}));
    }
    return registrations;
  }

  private static void awaitCounts(Lab lab, int handlers, int patterns) {
    Lab.eventually(
        () ->
            lab.nodes().stream()
                .allMatch(
                    node ->
                        node.directory.snapshot().handlers() == handlers
                            && node.directory.snapshot().patterns() == patterns));
  }

  @Test
  void noneIsMissingAndNoneIsStaleAfterAPartition() {
    try (Lab lab = Lab.of("a", "b", "c")) {
      lab.nodes().forEach(node -> register(node, "before"));
      awaitCounts(lab, 3 * EACH, 3 * EACH);
      NodeId a = new NodeId("a");
      lab.cluster.cut(a, new NodeId("b"));
      lab.cluster.cut(a, new NodeId("c"));
      register(lab.node("a"), "meanwhile").subList(0, EACH).forEach(Registration::close);
      List<Registration> mine = register(lab.node("b"), "meanwhile");
      mine.forEach(Registration::close);
      register(lab.node("c"), "meanwhile");

      // The registry tells nothing of what was said meanwhile: the nodes find out themselves.
      lab.cluster.heal(a, new NodeId("b"), false);
      lab.cluster.heal(a, new NodeId("c"), false);

      awaitCounts(lab, 3 * EACH + EACH / 2 + EACH, 3 * EACH + EACH / 2 + EACH);
      assertThat(
              lab.nodes().stream()
                  .mapToDouble(node -> node.metrics.count("subscriptions.repairs"))
                  .sum())
          .isGreaterThan(0);
    }
  }

  @Test
  void noneIsStaleAfterACrashAndNoneIsMissingAfterTheRestart() {
    try (Lab lab = Lab.of("a", "b", "c")) {
      lab.nodes().forEach(node -> register(node, "first"));
      awaitCounts(lab, 3 * EACH, 3 * EACH);
      lab.crash("b");
      lab.cluster.move(new NodeId("b"), NodeState.DEAD);
      awaitCounts(lab, 2 * EACH, 2 * EACH);

      LabNode.Plan plan = new LabNode.Plan();
      plan.incarnation = 2;
      LabNode again = lab.start("b", plan);
      register(again, "second");

      awaitCounts(lab, 3 * EACH, 3 * EACH);
      assertThat(lab.node("a").directory.snapshot().handlersOf(Topic.of("first.b.0"))).isEmpty();
      assertThat(lab.node("a").directory.snapshot().handlersOf(Topic.of("second.b.0")))
          .containsExactly(new NodeId("b"));
    }
  }

  @Test
  void nodeWhoseRecordGotLostSaysItAgain() {
    try (Lab lab = Lab.of("a", "b", "c")) {
      lab.node("a").seat.deaf = true;

      register(lab.node("a"), "unheard");

      awaitCounts(lab, EACH, EACH);
      assertThat(lab.node("a").metrics.count("subscriptions.repairs")).isGreaterThan(0);
    }
  }

  @Test
  void pluginThatIsEvictedIsGoneEverywhere() {
    try (Lab lab = Lab.of("a", "b")) {
      lab.nodes().forEach(node -> register(node, "there"));
      awaitCounts(lab, 2 * EACH, 2 * EACH);

      assertThat(lab.node("a").bus.evict("plugin", Lab.SOON)).isTrue();

      awaitCounts(lab, EACH, EACH);
    }
  }
}
