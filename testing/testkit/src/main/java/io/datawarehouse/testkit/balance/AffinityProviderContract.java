package io.datawarehouse.testkit.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.balance.AffinityProvider;
import io.datawarehouse.sdk.message.Content;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.testkit.contract.Allocations;
import io.datawarehouse.testkit.contract.Crowd;
import java.io.InputStream;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What an {@link AffinityProvider} must do. */
public abstract class AffinityProviderContract {

  private static final int THREADS = 4;
  private static final Duration SOON = Duration.ofSeconds(30);

  /** Makes the provider under test, a new one at each call and all of them alike. */
  protected abstract AffinityProvider provider();

  /** Returns groups of messages, two groups or more; those of one group belong together. */
  protected abstract List<List<Message>> groups();

  /** Returns messages that belong to nothing; may be empty. */
  protected abstract List<Message> loners();

  @Test
  void messagesThatBelongTogetherHaveTheSameKey() {
    assertThat(groups()).hasSizeGreaterThanOrEqualTo(2).allMatch(group -> group.size() >= 2);
    Set<String> keys = new HashSet<>();
    for (List<Message> group : groups()) {
      String key = provider().keyOf(group.get(0));
      assertThat(key).as("the key of %s", group.get(0)).isNotEmpty();
      assertThat(group).allSatisfy(m -> assertThat(provider().keyOf(m)).isEqualTo(key));
      keys.add(key);
    }
    assertThat(keys).as("a key for each group").hasSameSizeAs(groups());
  }

  @Test
  void loneMessagesHaveNoKey() {
    assertThat(loners()).allSatisfy(message -> assertThat(provider().keyOf(message)).isNull());
  }

  @Test
  void keyIsTheSameOnEveryNodeAndEachTime() {
    AffinityProvider here = provider();
    AffinityProvider there = provider();
    List<Message> messages = all().toList();
    for (int i = messages.size() - 1; i >= 0; i--) {
      there.keyOf(messages.get(i));
    }

    for (Message message : messages) {
      assertThat(here.keyOf(message)).isEqualTo(here.keyOf(message));
      assertThat(there.keyOf(message)).isEqualTo(here.keyOf(message));
      assertThat(here.keyOf(message.copy().build())).isEqualTo(here.keyOf(message));
    }
  }

  @Test
  void contentOfTheMessageIsNotRead() {
    AtomicInteger touched = new AtomicInteger();
    AffinityProvider provider = provider();
    all()
        .forEach(
            message -> {
              Message loaded =
                  message
                      .copy()
                      .content(Content.of(tellingOf(touched), OptionalLong.of(1), "x/y"))
                      .build();
              assertThat(provider.keyOf(loaded)).isEqualTo(provider.keyOf(message));
            });

    assertThat(touched).as("reads and closes of the content").hasValue(0);
  }

  @Test
  void askingCostsLittle() {
    AffinityProvider provider = provider();
    List<Message> messages = all().toList();

    Allocations.requireAtMost(
        1_000, "keyOf(message)", i -> provider.keyOf(messages.get(i % messages.size())));
  }

  @Test
  void nameAndStickinessNeverChange() {
    AffinityProvider provider = provider();

    assertThat(provider.affinityName()).matches("[a-z0-9][a-z0-9.-]{0,49}");
    assertThat(provider.affinityName()).isEqualTo(provider().affinityName());
    assertThat(provider.stickiness()).isEqualTo(provider().stickiness());
    all().forEach(provider::keyOf);
    assertThat(provider.stickiness()).isEqualTo(provider().stickiness());
  }

  @Test
  void manyThreadsMayAskAtOnce() {
    AffinityProvider provider = provider();
    List<List<Message>> groups = groups();

    List<Integer> wrong =
        Crowd.all(
            THREADS,
            SOON,
            thread -> {
              int found = 0;
              for (int i = 0; i < 1000; i++) {
                List<Message> group = groups.get((thread + i) % groups.size());
                String key = provider.keyOf(group.get(i % group.size()));
                found += key != null && key.equals(provider.keyOf(group.get(0))) ? 0 : 1;
              }
              return found;
            });

    assertThat(wrong).containsOnly(0);
  }

  private Stream<Message> all() {
    return Stream.concat(groups().stream().flatMap(List::stream), loners().stream());
  }

  private static InputStream tellingOf(AtomicInteger touched) {
    return new InputStream() {
      @Override
      public int read() {
        touched.incrementAndGet();
        return -1;
      }

      @Override
      public void close() {
        touched.incrementAndGet();
      }
    };
  }
}
