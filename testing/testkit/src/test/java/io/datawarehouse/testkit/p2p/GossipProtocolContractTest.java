package io.datawarehouse.testkit.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.p2p.GossipEntry;
import io.datawarehouse.sdk.p2p.GossipMessage;
import io.datawarehouse.sdk.p2p.GossipProtocol;
import io.datawarehouse.testkit.contract.BrokenContracts;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** The contract notices what gossip does wrong. */
class GossipProtocolContractTest {

  private static BiFunction<NodeId, Random, GossipProtocol> maker = SampleGossip::new;

  static class OfBroken extends GossipProtocolContract {
    @Override
    protected GossipProtocol node(NodeId self, long seed, Clock clock) {
      return maker.apply(self, new Random(seed));
    }
  }

  @Test
  void olderVersionsThatAreTakenAreNoticed() {
    assertThat(
            failures(
                (self, random) ->
                    new SampleGossip(self, random) {
                      @Override
                      boolean isNews(GossipEntry entry, long version) {
                        return entry.version() != version;
                      }
                    }))
        .contains(
            "newestVersionAloneIsKept", "listenerHearsOfEachVersionOfOthersOnceAndInRisingOrder");
  }

  @Test
  void messagesWithoutBoundAreNoticed() {
    assertThat(
            failures(
                (self, random) ->
                    new SampleGossip(self, random) {
                      @Override
                      int mostNews() {
                        return Integer.MAX_VALUE;
                      }
                    }))
        .containsExactly("messagesStaySmallHoweverMuchThereIsToTell");
  }

  @Test
  void alwaysTellingTheSamePeerIsNoticed() {
    assertThat(
            failures(
                (self, random) ->
                    new SampleGossip(self, random) {
                      @Override
                      NodeId peer(Random source) {
                        return peerList().get(0);
                      }

                      @Override
                      public synchronized List<GossipMessage> receive(GossipMessage message) {
                        List<GossipMessage> answers = super.receive(message);
                        return answers.stream()
                            .filter(GossipMessage.News.class::isInstance)
                            .toList();
                      }
                    }))
        .contains("messagesGoToPeersAlone", "newsReachEverybodyInFewRoundsThoughMessagesGetLost");
  }

  @Test
  void chanceThatWasNotGivenIsNoticed() {
    assertThat(
            failures(
                (self, random) ->
                    new SampleGossip(self, random) {
                      @Override
                      NodeId peer(Random source) {
                        return super.peer(ThreadLocalRandom.current());
                      }
                    }))
        .contains("sameSeedDrawsTheSamePeers");
  }

  @Test
  void answeringNewsIsNoticed() {
    assertThat(
            failures(
                (self, random) ->
                    new SampleGossip(self, random) {
                      @Override
                      public synchronized List<GossipMessage> receive(GossipMessage message) {
                        List<GossipMessage> answers = new ArrayList<>(super.receive(message));
                        if (message instanceof GossipMessage.News) {
                          answers.add(
                              new GossipMessage.Digest(self, message.from(), Map.of(), true));
                        }
                        return answers;
                      }
                    }))
        .containsExactly("newsAreNotAnswered");
  }

  private static Set<String> failures(BiFunction<NodeId, Random, GossipProtocol> broken) {
    maker = broken;
    return BrokenContracts.failuresOf(OfBroken.class);
  }
}
