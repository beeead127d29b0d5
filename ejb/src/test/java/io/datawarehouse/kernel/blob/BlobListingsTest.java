package io.datawarehouse.kernel.blob;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.blob.BlobManifest;
import io.datawarehouse.sdk.blob.BucketName;
import io.datawarehouse.sdk.blob.StorageMessages.BlobListing;
import io.datawarehouse.sdk.blob.StorageMessages.ListBlobs;
import io.datawarehouse.sdk.error.StandardErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BlobListingsTest extends BlobServiceFixture {

  private static final Comparator<String> UTF8 =
      (left, right) ->
          Arrays.compareUnsigned(
              left.getBytes(StandardCharsets.UTF_8), right.getBytes(StandardCharsets.UTF_8));

  @BeforeEach
  void makeBucket() {
    bucket();
  }

  private static ListBlobs ask(String prefix, String delimiter, String after, int limit) {
    return new ListBlobs(
        new BucketName(BUCKET),
        prefix,
        Optional.of(delimiter).filter(text -> !text.isEmpty()),
        Optional.of(after).filter(text -> !text.isEmpty()),
        limit);
  }

  private static List<String> keys(BlobListing listing) {
    return listing.blobs().stream().map(BlobManifest::key).toList();
  }

  private void putAll(String... keys) {
    for (String key : keys) {
      put(key, "x");
    }
  }

  @Test
  void listsNothingOfAnEmptyBucket() {
    assertThat(list(ask("", "", "", 10)))
        .isEqualTo(new BlobListing(List.of(), List.of(), Optional.empty()));
  }

  @Test
  void refusesAMissingBucket() {
    failure(
        StandardErrorCode.NO_SUCH_BUCKET,
        () ->
            list(
                new ListBlobs(
                    new BucketName("other"), "", Optional.empty(), Optional.empty(), 10)));
  }

  @Test
  void listsInTheOrderOfUtf8() {
    // In UTF-16 the emoji's surrogates come before the private use character.
    putAll("b", "a", "\uE000", "\uD83D\uDE00", "é", "z");

    assertThat(keys(list(ask("", "", "", 10))))
        .containsExactly("a", "b", "z", "é", "\uE000", "\uD83D\uDE00");
    assertThat(keys(list(ask("", "", "\uE000", 10)))).containsExactly("\uD83D\uDE00");
  }

  @Test
  void showsThePlaceOfEveryBlob() {
    BlobManifest written = put("a", "x");

    assertThat(list(ask("", "", "", 10)).blobs()).containsExactly(written);
  }

  @Test
  void rollsKeysUpAtTheDelimiter() {
    putAll("a/1", "a/2", "b", "c/1/2", "d/");

    BlobListing listing = list(ask("", "/", "", 10));

    assertThat(keys(listing)).containsExactly("b");
    assertThat(listing.prefixes()).containsExactly("a/", "c/", "d/");
    assertThat(listing.next()).isEmpty();
  }

  @Test
  void rollsUpBehindThePrefixOnly() {
    putAll("a/1", "a/b/2", "a/b/3", "b/1");

    BlobListing listing = list(ask("a/", "/", "", 10));

    assertThat(keys(listing)).containsExactly("a/1");
    assertThat(listing.prefixes()).containsExactly("a/b/");
  }

  @Test
  void saysNextOnlyWhereThereIsMore() {
    putAll("a", "b", "c");

    assertThat(list(ask("", "", "", 2)).next()).hasValue("b");
    assertThat(list(ask("", "", "", 3)).next()).isEmpty();
    assertThat(list(ask("", "", "b", 1)).next()).isEmpty();
    assertThat(list(ask("a", "", "", 1)).next()).isEmpty();
  }

  @Test
  void goesOnBehindARolledUpPrefix() {
    putAll("a/1", "a/2", "b/1", "c");

    BlobListing first = list(ask("", "/", "", 1));
    assertThat(first.prefixes()).containsExactly("a/");
    assertThat(first.next()).hasValue("a/");

    BlobListing second = list(ask("", "/", "a/", 1));
    assertThat(second.prefixes()).containsExactly("b/");
    assertThat(keys(list(ask("", "/", "b/", 1)))).containsExactly("c");
  }

  @Test
  void aKeyInsideARolledUpPrefixStandsForIt() {
    putAll("a/1", "a/2", "b");

    BlobListing listing = list(ask("", "/", "a/1", 10));

    assertThat(listing.prefixes()).isEmpty();
    assertThat(keys(listing)).containsExactly("b");
  }

  @Test
  void afterOutsideOfThePrefixSkipsAllOrNothing() {
    putAll("m/1", "m/2");

    assertThat(keys(list(ask("m/", "", "a", 10)))).containsExactly("m/1", "m/2");
    assertThat(keys(list(ask("m/", "", "m", 10)))).containsExactly("m/1", "m/2");
    assertThat(keys(list(ask("m/", "", "z", 10)))).isEmpty();
  }

  @Test
  void readsNoMoreThanItShows() {
    for (int i = 0; i < 200; i++) {
      put("deep/" + i, "x");
      put("top" + i, "x");
    }
    store.manifestsShown.set(0);

    list(ask("", "/", "", 5));

    assertThat(store.manifestsShown).hasValue(6);
  }

  @Test
  void agreesWithANaiveModelOnRandomBuckets() {
    long seed = 4711;
    Random random = new Random(seed);
    for (int round = 0; round < 40; round++) {
      String folder = "round" + round;
      TreeSet<String> keys = new TreeSet<>(UTF8);
      for (int i = random.nextInt(60); i > 0; i--) {
        keys.add(folder + randomText(random, 6));
      }
      keys.forEach(key -> put(key, ""));
      for (int question = 0; question < 40; question++) {
        ListBlobs query =
            ask(
                folder + randomText(random, 2),
                random.nextBoolean() ? randomText(random, 1) + "/" : "",
                random.nextBoolean() ? folder + randomText(random, 5) : "",
                1 + random.nextInt(8));
        assertThat(shape(list(query)))
            .as("seed %d, round %d, %s of %s", seed, round, query, keys)
            .isEqualTo(model(keys, query));
      }
    }
  }

  @Test
  void pagesMeetEveryItemOnce() {
    Random random = new Random(99);
    TreeSet<String> keys = new TreeSet<>(UTF8);
    for (int i = 0; i < 200; i++) {
      keys.add("k" + randomText(random, 8));
    }
    keys.forEach(key -> put(key, ""));
    for (String delimiter : List.of("", "/", "é")) {
      List<String> whole = shape(list(ask("", delimiter, "", 1000)));
      List<String> paged = new ArrayList<>();
      Optional<String> next = Optional.of("");
      while (next.isPresent()) {
        BlobListing page = list(ask("", delimiter, next.get(), 7));
        List<String> shape = shape(page);
        paged.addAll(shape.subList(0, shape.size() - 1));
        next = page.next();
      }
      assertThat(paged).isEqualTo(whole.subList(0, whole.size() - 1));
    }
  }

  private static String randomText(Random random, int longest) {
    String[] letters = {"a", "b", "/", "é", "\uE000", "\uD83D\uDE00"};
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(longest + 1); i > 0; i--) {
      text.append(letters[random.nextInt(letters.length)]);
    }
    return text.toString();
  }

  /** Returns the items in order, then what comes next. */
  private static List<String> shape(BlobListing listing) {
    List<String> items = new ArrayList<>(keys(listing));
    listing.prefixes().forEach(prefix -> items.add("prefix " + prefix));
    items.sort(Comparator.comparing(item -> item.replaceFirst("^prefix ", ""), UTF8));
    items.add("next " + listing.next().orElse("-"));
    return items;
  }

  /** The same from the definition: roll everything up, sort, cut. */
  private static List<String> model(TreeSet<String> keys, ListBlobs query) {
    TreeSet<String> items = new TreeSet<>(UTF8);
    TreeSet<String> rolledUp = new TreeSet<>(UTF8);
    for (String key : keys) {
      if (key.startsWith(query.prefix())) {
        int at =
            query.delimiter().isEmpty()
                ? -1
                : key.indexOf(query.delimiter().get(), query.prefix().length());
        String item = at < 0 ? key : key.substring(0, at + query.delimiter().get().length());
        items.add(item);
        if (at >= 0) {
          rolledUp.add(item);
        }
      }
    }
    query.after().ifPresent(after -> items.removeIf(item -> UTF8.compare(item, after) <= 0));
    List<String> shown = items.stream().limit(query.limit()).toList();
    List<String> shape = new ArrayList<>();
    shown.forEach(item -> shape.add(rolledUp.contains(item) ? "prefix " + item : item));
    shape.add("next " + (items.size() > shown.size() ? shown.get(shown.size() - 1) : "-"));
    return shape;
  }
}
