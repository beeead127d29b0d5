package io.datawarehouse.testkit.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.balance.LoadBalancingConfig.Replication;
import io.datawarehouse.sdk.blob.BlobKey;
import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Bytes;
import io.datawarehouse.sdk.replication.Conflict;
import io.datawarehouse.sdk.replication.ConflictResolver;
import io.datawarehouse.sdk.replication.Resolution;
import io.datawarehouse.sdk.replication.Sibling;
import io.datawarehouse.sdk.replication.SiblingContents;
import io.datawarehouse.sdk.replication.VersionVector;
import io.datawarehouse.testkit.contract.Crowd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What a {@link ConflictResolver} must do: it decides alike everywhere, whatever the order in which
 * versions became known, in one step or in several, and what it drops it says.
 *
 * <p>Contents are lines of text here. A resolver of another format overrides {@link #content} and
 * {@link #valuesIn}.
 */
public abstract class ConflictResolverContract {

  private static final BlobKey KEY = BlobKey.of("bucket", "key");
  private static final List<String> NODES = List.of("a", "b", "c", "d", "e");
  private static final int SEEDS = 60;
  private static final Duration SOON = Duration.ofSeconds(30);

  private final Map<String, Bytes> contents = new HashMap<>();

  /** Makes the resolver under test, a new one at each call and all of them alike. */
  protected abstract ConflictResolver resolver();

  /** Returns the content that holds these values, which are short words. */
  protected Bytes content(Set<String> values) {
    return Bytes.utf8(String.join("\n", new TreeSet<>(values)));
  }

  /** Returns the values that a content of that form holds. */
  protected Set<String> valuesIn(Bytes content) {
    return content.asUtf8().lines().filter(line -> !line.isBlank()).collect(Collectors.toSet());
  }

  /** Returns the media type of the contents. */
  protected String contentType() {
    return "text/plain";
  }

  @Test
  void nameCanStandInSettingsAndNeverChanges() {
    String name = resolver().strategyName();

    assertThat(new Replication("none", Optional.of(name)).resolver())
        .contains(resolver().strategyName());
  }

  @Test
  void decidesAlikeEverywhereWhateverTheOrderOfArrival() {
    for (long seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      List<Sibling> siblings = siblings(random, 2 + random.nextInt(4));
      Resolution here = resolve(siblings);
      List<Sibling> otherwise = new ArrayList<>(siblings);
      Collections.shuffle(otherwise, random);

      assertThat(resolve(otherwise)).as("seed %s", seed).isEqualTo(here);
    }
  }

  @Test
  void versionsWrittenAtTheSameTimeAreDecidedAlikeToo() {
    Sibling one = written(Set.of("apples"), "a", 5);
    Sibling two = written(Set.of("pears"), "b", 5);
    Sibling three = written(Set.of("plums"), "c", 5);

    assertThat(resolve(List.of(three, one, two))).isEqualTo(resolve(List.of(one, two, three)));
  }

  @Test
  void askingTwiceChangesNothing() {
    ConflictResolver resolver = resolver();
    for (long seed = 0; seed < SEEDS; seed++) {
      Conflict conflict = new Conflict(KEY, siblings(new Random(seed), 3));

      assertThat(resolver.resolve(conflict, this::read))
          .as("seed %s", seed)
          .isEqualTo(resolver.resolve(conflict, this::read));
    }
  }

  @Test
  void choosesAmongTheSiblingsAndSaysWhy() {
    for (long seed = 0; seed < SEEDS; seed++) {
      List<Sibling> siblings = siblings(new Random(seed), 4);

      Resolution resolution = resolve(siblings);

      assertThat(resolution.because()).as("seed %s", seed).isNotBlank();
      if (resolution instanceof Resolution.Keep keep) {
        assertThat(siblings).as("seed %s", seed).contains(keep.winner());
      }
    }
  }

  @Test
  void mergeLosesNoValue() {
    for (long seed = 0; seed < SEEDS; seed++) {
      List<Sibling> siblings = siblings(new Random(seed), 3);

      if (resolve(siblings) instanceof Resolution.Merge merge) {
        assertThat(valuesIn(merge.content()))
            .as("seed %s", seed)
            .containsExactlyInAnyOrderElementsOf(valuesOf(siblings));
      }
    }
  }

  @Test
  void severalStepsComeToWhatOneStepComesTo() {
    for (long seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      List<Sibling> siblings = siblings(random, 3);
      Optional<Set<String>> atOnce = outcome(siblings);
      for (int first = 0; first < 3; first++) {
        List<Sibling> two = new ArrayList<>(siblings);
        Sibling third = two.remove(first);
        Optional<Sibling> between = resolved(two);
        if (between.isPresent()) {
          assertThat(outcome(List.of(between.get(), third)))
              .as("seed %s, all but %s first", seed, first)
              .isEqualTo(atOnce);
        }
      }
    }
  }

  @Test
  void whatIsTheSameEverywhereStaysAsItIs() {
    Set<String> values = Set.of("apples", "pears");
    List<Sibling> same =
        List.of(written(values, "a", 1), written(values, "b", 2), written(values, "c", 3));

    assertThat(outcome(same)).isIn(Optional.of(values), Optional.empty());
  }

  @Test
  void deletionAgainstEditIsDecidedAlikeToo() {
    Sibling edit = written(Set.of("apples"), "a", 1);
    for (long second : new long[] {0, 1, 2}) {
      Sibling deletion =
          Versions.sibling(Versions.deletion(KEY, "b:1", second), "b", 1, VersionVector.empty());

      assertThat(answer(List.of(edit, deletion))).isEqualTo(answer(List.of(deletion, edit)));
    }
  }

  @Test
  void contentThatCannotBeReadIsNeverGuessed() {
    List<Sibling> siblings = siblings(new Random(1), 3);
    Resolution whole = resolve(siblings);
    SiblingContents away =
        sibling -> {
          throw new WarehouseException(StandardErrorCode.UNAVAILABLE, "no copy can be reached");
        };

    Resolution blind;
    try {
      blind = resolver().resolve(new Conflict(KEY, siblings), away);
    } catch (WarehouseException e) {
      // It cannot decide, and all siblings stay.
      return;
    }

    assertThat(blind).isIn(whole, new Resolution.KeepAll(blind.because()));
  }

  @Test
  void manyThreadsMayAskAtOnce() {
    ConflictResolver resolver = resolver();
    List<Sibling> siblings = siblings(new Random(7), 4);
    Resolution expected = resolve(siblings);

    List<Resolution> answers =
        Crowd.all(4, SOON, thread -> resolver.resolve(new Conflict(KEY, siblings), this::read));

    assertThat(answers).containsOnly(expected);
  }

  private Resolution resolve(List<Sibling> siblings) {
    return resolver().resolve(new Conflict(KEY, siblings), this::read);
  }

  /** Returns the answer, or the code of the error where it cannot decide. */
  private Object answer(List<Sibling> siblings) {
    try {
      return resolve(siblings);
    } catch (WarehouseException e) {
      return e.code();
    }
  }

  private synchronized Bytes read(Sibling sibling) {
    return sibling.manifest().deleted()
        ? Bytes.empty()
        : Optional.ofNullable(contents.get(sibling.manifest().etag())).orElseThrow();
  }

  /** Versions of other nodes and times, none of which has seen another. */
  private List<Sibling> siblings(Random random, int count) {
    List<Integer> seconds = new ArrayList<>(List.of(1, 2, 3, 4, 5));
    Collections.shuffle(seconds, random);
    List<Sibling> siblings = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Set<String> values = new TreeSet<>();
      for (int word = 0; word <= random.nextInt(4); word++) {
        values.add("word-" + random.nextInt(10));
      }
      siblings.add(written(values, NODES.get(i), seconds.get(i)));
    }
    return siblings;
  }

  private Sibling written(Set<String> values, String node, long second) {
    return sibling(content(values), node, second, VersionVector.empty());
  }

  private synchronized Sibling sibling(
      Bytes content, String node, long second, VersionVector past) {
    BlobManifest manifest = Versions.manifest(KEY, content, contentType(), node + ":1", second);
    contents.put(manifest.etag(), content);
    return next(manifest, node, past);
  }

  /** Makes the next version that a node writes, having seen that. */
  private static Sibling next(BlobManifest manifest, String node, VersionVector past) {
    return Versions.sibling(manifest, node, past.next(new NodeId(node)).counter(), past);
  }

  /** Returns the values that are there afterwards; empty where all siblings stay. */
  private Optional<Set<String>> outcome(List<Sibling> siblings) {
    return resolved(siblings).map(sibling -> valuesIn(read(sibling)));
  }

  /** Returns the version that takes the place of all; empty where all siblings stay. */
  private Optional<Sibling> resolved(List<Sibling> siblings) {
    Conflict conflict = new Conflict(KEY, siblings);
    Resolution resolution = resolver().resolve(conflict, this::read);
    if (resolution instanceof Resolution.Keep keep) {
      return Optional.of(next(keep.winner().manifest(), "resolver", conflict.seen()));
    }
    if (resolution instanceof Resolution.Merge merge) {
      long latest =
          siblings.stream()
              .mapToLong(
                  sibling ->
                      Duration.between(Versions.START, sibling.manifest().lastModified())
                          .toSeconds())
              .max()
              .orElseThrow();
      return Optional.of(sibling(merge.content(), "resolver", latest, conflict.seen()));
    }
    return Optional.empty();
  }

  private Set<String> valuesOf(List<Sibling> siblings) {
    return siblings.stream()
        .flatMap(sibling -> valuesIn(read(sibling)).stream())
        .collect(Collectors.toSet());
  }
}
