package io.datawarehouse.kernel.boot;

import static io.datawarehouse.kernel.boot.KernelFixture.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.datawarehouse.kernel.plugin.ScriptedPlugin;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.BucketSettings;
import io.datawarehouse.sdk.blob.StorageMessages.CreateBucket;
import io.datawarehouse.sdk.blob.StorageTopics;
import io.datawarehouse.sdk.cluster.ClusterContext;
import io.datawarehouse.sdk.cluster.ClusterNode;
import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.sdk.kernel.KernelContext;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Payload;
import io.datawarehouse.sdk.message.Reply;
import io.datawarehouse.sdk.message.Topic;
import io.datawarehouse.sdk.plugin.FeaturePluginBase;
import io.datawarehouse.sdk.plugin.PluginManifest;
import io.datawarehouse.sdk.resilience.CircuitBreaker.Circuit;
import io.datawarehouse.sdk.sharding.ShardingOptions;
import io.datawarehouse.testkit.kernel.FakeKernelContext;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plugin that is written for a cluster runs on one node as it is. */
class ClusterOfOneTest {

  private static final Topic WHOSE = Topic.of("shares.whose");

  @TempDir private static Path parent;
  private KernelFixture fixture;

  /** Divides work by key over the nodes of a cluster, without asking whether there is one. */
  static final class Shares extends FeaturePluginBase {

    final List<String> changes = new CopyOnWriteArrayList<>();

    Shares() {
      super(PluginManifest.of("shares", "Shares", "1.0.0", "test"));
    }

    @Override
    protected void onStart() {
      ClusterContext cluster = context().clusterOrLocal();
      cluster.membership().watch(change -> changes.add(change.node().state().name()));
      answer(WHOSE, message -> Reply.of(whose(cluster, message.payload().as(String.class))));
    }

    private static String whose(ClusterContext cluster, String key) {
      List<ClusterNode> active = cluster.membership().view().active();
      String share = cluster.isPrimary(key) ? "mine" : "of " + cluster.placement().primary(key);
      return share + ", one of " + active.size();
    }
  }

  @BeforeEach
  void prepare() {
    fixture = new KernelFixture(parent);
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  @Test
  void pluginWrittenForAClusterRunsOnOneNode() {
    Shares shares = new Shares();
    Kernel kernel = fixture.serve(shares);

    Reply reply = ask(kernel.bus(), Message.query(WHOSE, Payload.of("bucket/key")));

    assertThat(reply.as(String.class)).isEqualTo("mine, one of 1");
    kernel.stop();
    assertThat(shares.changes).as("it hears that the node goes").startsWith("DRAINING");
  }

  @Test
  void theSamePluginRunsInACluster() throws Exception {
    Shares shares = new Shares();
    try (FakeKernelContext context = new FakeKernelContext("shares", parent, Map.of())) {
      context.clusterOrLocal().add("other-1", "other-2");
      shares.start(context);

      String first = whose(context, "bucket/key-1");
      long mine =
          IntStream.range(0, 300)
              .mapToObj(i -> whose(context, "bucket/key-" + i))
              .filter(answer -> answer.startsWith("mine"))
              .count();

      assertThat(first).endsWith("one of 3");
      assertThat(mine).isBetween(50L, 150L);
      context.clusterOrLocal().move("other-1", NodeState.DEAD, "pulled the plug");
      assertThat(shares.changes).containsExactly("DEAD");
      assertThat(whose(context, "bucket/key-1")).endsWith("one of 2");
    }
  }

  @Test
  void kernelThatWorksAloneShowsNoClusterAndAClusterOfOne() {
    AtomicReference<KernelContext> seen = new AtomicReference<>();
    Kernel kernel = fixture.serve(new ScriptedPlugin("a").onStart(seen::set));
    KernelContext context = seen.get();

    assertThat(context.cluster()).isEmpty();
    ClusterContext one = context.clusterOrLocal();
    assertThat(one).isSameAs(context.clusterOrLocal()).isSameAs(kernel.cluster());
    assertThat(one.clustered()).isFalse();
    assertThat(one.localNodeId()).isEqualTo(kernel.nodeId());
    assertThat(one.leadership().leads(kernel.nodeId())).isTrue();
    assertThat(one.membership().view().find(kernel.nodeId()).orElseThrow().state())
        .isEqualTo(NodeState.ACTIVE);
    kernel.stop();
    assertThat(one.membership().view().find(kernel.nodeId()).orElseThrow().state())
        .isEqualTo(NodeState.LEFT);
  }

  @Test
  void everyPluginHasCircuitsAndCompartmentsOfItsOwnAsConfigured() throws Exception {
    fixture.settings.put("dw.resilience.breaker.failures", "2");
    fixture.settings.put("dw.resilience.bulkhead.concurrency", "1");
    AtomicReference<KernelContext> one = new AtomicReference<>();
    AtomicReference<KernelContext> two = new AtomicReference<>();
    Kernel kernel =
        fixture.serve(
            new ScriptedPlugin("a").onStart(one::set), new ScriptedPlugin("b").onStart(two::set));

    Circuit circuit = one.get().circuitBreaker().circuit("remote");
    circuit.failed(circuit.tryAcquire());
    circuit.failed(circuit.tryAcquire());

    assertThat(circuit.state().label()).isEqualTo("OPEN");
    assertThat(two.get().circuitBreaker().call("remote", () -> "fine")).isEqualTo("fine");
    assertThat(one.get().bulkheads().compartment("pool").tryEnter()).isTrue();
    assertThat(one.get().bulkheads().compartment("pool").tryEnter()).isFalse();
    assertThat(two.get().bulkheads().compartment("pool").tryEnter()).isTrue();
    assertThat(kernel.pluginGuards())
        .extracting(of -> of.plugin().value(), of -> of.circuits().get("remote"))
        .containsExactly(tuple("a", "OPEN"), tuple("b", "CLOSED"));
    assertThat(kernel.pluginGuards().get(0).bulkheads())
        .singleElement()
        .satisfies(
            pool -> {
              assertThat(pool.pool()).isEqualTo("pool");
              assertThat(pool.active()).isEqualTo(1);
              assertThat(pool.refused()).isEqualTo(1);
            });
  }

  @Test
  void nodeThatIsAloneStandsWhereItsSettingsSay() {
    fixture.settings.put("dw.storage.pipeline", "none");
    fixture.settings.put("dw.node.zone", "zone-7");
    fixture.settings.put("dw.node.labels", "region=eu, disk=ssd");
    Kernel kernel = fixture.serve();

    assertThat(
            kernel.cluster().membership().view().find(kernel.nodeId()).orElseThrow().descriptor())
        .satisfies(
            self -> {
              assertThat(self.zone()).isEqualTo("zone-7");
              assertThat(self.labels()).isEqualTo(Map.of("region", "eu", "disk", "ssd"));
            });
    // The rule is good; only that store never has room.
    assertThatThrownBy(() -> makeGeographic(kernel, "here", "zone-7"))
        .hasMessageContaining("DISK_FULL");
    assertThatThrownBy(() -> makeGeographic(kernel, "elsewhere", "default"))
        .hasMessageContaining("shardingOptions.zones");
  }

  private static Reply makeGeographic(Kernel kernel, String bucket, String zone) {
    return ask(
        kernel.bus(),
        Message.command(
            StorageTopics.BUCKET_CREATE,
            Payload.of(
                new CreateBucket(
                    new BucketName(bucket),
                    BucketSettings.none()
                        .withSharding(
                            "geographic",
                            Optional.of(
                                new ShardingOptions(
                                    "{\"residency\": {\"regions\": [\"eu\"], \"zones\": [\"%s\"]}}"
                                        .formatted(zone))))))));
  }

  private static String whose(FakeKernelContext context, String key) {
    return context
        .bus()
        .request(Message.query(WHOSE, Payload.of(key)).build())
        .toCompletableFuture()
        .join()
        .as(String.class);
  }
}
