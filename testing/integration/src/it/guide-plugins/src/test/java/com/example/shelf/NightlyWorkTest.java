package com.example.shelf;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.NodeState;
import io.datawarehouse.testkit.kernel.FakeKernelContext;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Work that one node of the cluster does, whichever that is. */
class NightlyWorkTest {

  @Test
  void workOfANodeThatDiedIsDoneByAnother(@TempDir Path directory) throws Exception {
    FakeKernelContext context = new FakeKernelContext("shelf", directory, Map.of());
    assertThat(context.clusterOrLocal().isPrimary("jobs/nightly")).isTrue();

    context.clusterOrLocal().add("other-1", "other-2");
    context.clusterOrLocal().move("other-1", NodeState.DEAD, "pulled the plug");
    context.clusterOrLocal().move("other-2", NodeState.DEAD, "pulled the plug");

    assertThat(context.clusterOrLocal().isPrimary("jobs/nightly")).isTrue();
    context.close();
  }
}
