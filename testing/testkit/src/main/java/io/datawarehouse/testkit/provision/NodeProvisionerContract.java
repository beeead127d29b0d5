package io.datawarehouse.testkit.provision;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.provision.NodeProvisioner;
import io.datawarehouse.sdk.provision.ProvisionRequest;
import io.datawarehouse.sdk.provision.ProvisionState;
import io.datawarehouse.sdk.provision.ProvisionedNode;
import io.datawarehouse.testkit.contract.Crowd;
import io.datawarehouse.testkit.contract.Stages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a {@link NodeProvisioner} must do. The subclass gives room for two nodes, not for more. */
public abstract class NodeProvisionerContract {

  private static final String SECRET = "join-token-that-nobody-may-see-0123456789";

  @TempDir Path directory;

  /** Returns the provisioner under test, the same object until {@link #restarted}. */
  protected abstract NodeProvisioner provisioner();

  /** Plays a restart of the provisioner: {@link #provisioner} returns a new one afterwards. */
  protected abstract void restarted();

  /** Returns the nodes that really run, as the world outside of the provisioner sees it. */
  protected abstract Set<NodeId> running();

  /** Starts a node that is not the provisioner's, and returns it. */
  protected abstract NodeId startForeignNode();

  /** Lets the next node that is started fail on its way. */
  protected abstract void failNext();

  /** Returns how long a node may take to start or to stop. */
  protected Duration limit() {
    return Duration.ofSeconds(30);
  }

  /** Returns whatever is shown of nodes besides, a log or the arguments of processes. */
  protected String shown() {
    return "";
  }

  @Test
  void nodeIsStartedAndRuns() throws IOException {
    ProvisionedNode node = provisioned("scale-out-1");

    assertThat(node.requestId()).isEqualTo("scale-out-1");
    assertThat(node.where()).isNotBlank();
    assertThat(running()).contains(idOf(node));
    assertThat(provisioner().room()).isEqualTo(1);
    assertThat(provisioner().nodes()).containsExactly(node);
  }

  @Test
  void sameRequestNeverStartsASecondNode() throws IOException {
    ProvisionedNode first = provisioned("scale-out-1");

    assertThat(provisioned("scale-out-1")).isEqualTo(first);
    assertThat(running()).hasSize(1);
  }

  @Test
  void sameRequestOfManyThreadsStartsOneNode() throws IOException {
    ProvisionRequest request = request("scale-out-1");

    List<ProvisionedNode> nodes =
        Crowd.all(4, limit().multipliedBy(2), thread -> get(provisioner().provision(request)));

    assertThat(new HashSet<>(nodes)).hasSize(1);
    assertThat(running()).hasSize(1);
  }

  @Test
  void sameRequestAfterARestartGivesTheSameNode() throws IOException {
    ProvisionedNode first = provisioned("scale-out-1");

    restarted();

    assertThat(idOf(provisioned("scale-out-1"))).isEqualTo(idOf(first));
    assertThat(running()).hasSize(1);
    get(provisioner().release(idOf(first), limit()));
    assertThat(running()).isEmpty();
  }

  @Test
  void nodeIsGivenBackAndMakesRoom() throws IOException {
    ProvisionedNode node = provisioned("scale-out-1");

    ProvisionedNode released = get(provisioner().release(idOf(node), limit()));

    assertThat(released.state()).isEqualTo(new ProvisionState.Released());
    assertThat(released.requestId()).isEqualTo("scale-out-1");
    assertThat(running()).isEmpty();
    assertThat(provisioner().room()).isEqualTo(2);
    assertThat(get(provisioner().release(idOf(node), limit())).state())
        .as("once more")
        .isEqualTo(new ProvisionState.Released());
  }

  @Test
  void foreignNodeIsLeftAlone() {
    NodeId foreign = startForeignNode();

    assertThat(Stages.errorOf(provisioner().release(foreign, limit()), limit().multipliedBy(2)))
        .isEqualTo(StandardErrorCode.NOT_FOUND);

    assertThat(running()).contains(foreign);
  }

  @Test
  void wantOfRoomIsAResult() throws IOException {
    provisioned("scale-out-1");
    provisioned("scale-out-2");
    assertThat(provisioner().room()).isZero();

    ProvisionedNode third = get(provisioner().provision(request("scale-out-3")));

    assertThat(third.state())
        .isInstanceOfSatisfying(
            ProvisionState.Failed.class, failed -> assertThat(failed.reason()).isNotBlank());
    assertThat(running()).hasSize(2);
  }

  @Test
  void nodeThatFailedGivesBackWhatItTook() throws IOException {
    failNext();

    ProvisionedNode failed = get(provisioner().provision(request("scale-out-1")));

    assertThat(failed.state()).isInstanceOf(ProvisionState.Failed.class);
    assertThat(failed.state().settled()).isTrue();
    assertThat(running()).isEmpty();
    assertThat(provisioner().room()).isEqualTo(2);
    provisioned("scale-out-2");
    provisioned("scale-out-3");
  }

  @Test
  void nodesAreToldTheLatestFirst() throws IOException {
    provisioned("scale-out-1");
    provisioned("scale-out-2");

    assertThat(provisioner().nodes())
        .extracting(ProvisionedNode::requestId)
        .containsExactly("scale-out-2", "scale-out-1");
  }

  @Test
  void joinTokenShowsNowhere() throws IOException {
    ProvisionedNode node = provisioned("scale-out-1");

    assertThat(node + " " + provisioner() + " " + provisioner().nodes() + " " + shown())
        .doesNotContain(SECRET);
  }

  private ProvisionedNode provisioned(String requestId) throws IOException {
    ProvisionedNode node = get(provisioner().provision(request(requestId)));
    assertThat(node.state()).isInstanceOf(ProvisionState.Running.class);
    return node;
  }

  private static NodeId idOf(ProvisionedNode node) {
    return ((ProvisionState.Running) node.state()).node();
  }

  private <T> T get(CompletionStage<T> stage) {
    return Stages.get(stage, limit().multipliedBy(2));
  }

  private ProvisionRequest request(String requestId) throws IOException {
    Path token = directory.resolve("join.token");
    Files.writeString(token, SECRET);
    return new ProvisionRequest(
        requestId, "dw", "", 1, List.of("127.0.0.1:9000"), token, Map.of(), limit());
  }
}
