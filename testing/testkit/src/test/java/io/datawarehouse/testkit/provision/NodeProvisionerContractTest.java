package io.datawarehouse.testkit.provision;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.provision.NodeProvisioner;
import io.datawarehouse.sdk.provision.ProvisionRequest;
import io.datawarehouse.testkit.contract.BrokenContracts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The contract notices what provisioners do wrong. */
class NodeProvisionerContractTest {

  private static Function<SampleSlots.World, NodeProvisioner> maker = SampleSlots::new;

  static class OfBroken extends SampleSlotsContractTest {
    @Override
    NodeProvisioner make(SampleSlots.World outside) {
      return maker.apply(outside);
    }

    @Override
    protected Duration limit() {
      return Duration.ofSeconds(3);
    }
  }

  @Test
  void secondNodeAfterARestartIsNoticed() {
    assertThat(
            failures(
                world ->
                    new SampleSlots(world) {
                      @Override
                      boolean remembers() {
                        return false;
                      }
                    }))
        .containsExactly("sameRequestAfterARestartGivesTheSameNode");
  }

  @Test
  void whatAFailedNodeKeepsIsNoticed() {
    assertThat(
            failures(
                world ->
                    new SampleSlots(world) {
                      @Override
                      boolean givesBack() {
                        return false;
                      }
                    }))
        .containsExactly("nodeThatFailedGivesBackWhatItTook");
  }

  @Test
  void stoppingForeignNodesIsNoticed() {
    assertThat(
            failures(
                world ->
                    new SampleSlots(world) {
                      @Override
                      boolean releasesAnything() {
                        return true;
                      }
                    }))
        .containsExactly("foreignNodeIsLeftAlone");
  }

  @Test
  void showingTheJoinTokenIsNoticed() {
    assertThat(
            failures(
                world ->
                    new SampleSlots(world) {
                      @Override
                      String where(ProvisionRequest request, String slot) {
                        try {
                          return "--token=" + Files.readString(request.joinToken());
                        } catch (IOException e) {
                          throw new UncheckedIOException(e);
                        }
                      }
                    }))
        .contains("joinTokenShowsNowhere");
  }

  private static Set<String> failures(Function<SampleSlots.World, NodeProvisioner> broken) {
    maker = broken;
    return BrokenContracts.failuresOf(OfBroken.class);
  }
}
