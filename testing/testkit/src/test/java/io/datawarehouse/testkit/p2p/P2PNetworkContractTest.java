package io.datawarehouse.testkit.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.testkit.contract.BrokenContracts;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The contract notices what networks do wrong. */
class P2PNetworkContractTest {

  private static Supplier<SampleNet> maker = SampleNet::new;

  static class OfBroken extends SampleNetContractTest {
    @Override
    SampleNet make() {
      return maker.get();
    }

    @Override
    protected Duration soon() {
      return Duration.ofSeconds(3);
    }
  }

  @Test
  void lettingAnybodyInIsNoticed() {
    assertThat(
            failures(
                () ->
                    new SampleNet() {
                      @Override
                      boolean letsAnybodyIn() {
                        return true;
                      }
                    }))
        .containsExactly("whoCannotProveItselfIsNotLetIn");
  }

  @Test
  void deliveringTwiceIsNoticed() {
    assertThat(
            failures(
                () ->
                    new SampleNet() {
                      @Override
                      boolean send(Socket to, Runnable delivery) {
                        super.send(to, delivery);
                        return super.send(to, delivery);
                      }
                    }))
        .contains("messageArrivesAtMostOnce", "manyThreadsMaySendAtOnce");
  }

  @Test
  void deliveringOnTheThreadOfTheSenderIsNoticed() {
    assertThat(
            failures(
                () ->
                    new SampleNet() {
                      @Override
                      boolean send(Socket to, Runnable delivery) {
                        delivery.run();
                        return true;
                      }
                    }))
        .containsExactly("offeringNeverBlocksThoughTheReceiverDoes");
  }

  @Test
  void secondReceiverOfAChannelIsNoticed() {
    assertThat(
            failures(
                () ->
                    new SampleNet() {
                      @Override
                      boolean keepsFirstReceiver() {
                        return false;
                      }
                    }))
        .containsExactly("channelHasOneReceiverAndCanBeHadAgain");
  }

  private static Set<String> failures(Supplier<SampleNet> broken) {
    maker = broken;
    return BrokenContracts.failuresOf(OfBroken.class);
  }
}
