package io.datawarehouse.kernel.blob;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DigestLaneTest {

  private static final int PIECE = 1000;

  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final FrameBuffers pool = new FrameBuffers(PIECE, 8);

  @AfterEach
  void stopThreads() {
    threads.shutdownNow();
  }

  /** Returns the digest of random content that went through a lane in pieces. */
  private String throughALane(Executor executor, long seed, int pieces) {
    Random random = new Random(seed);
    ContentDigests digests = new ContentDigests(List.of());
    try (DigestLane lane = new DigestLane(digests, executor, pool)) {
      for (int i = 0; i < pieces; i++) {
        byte[] buffer = lane.take();
        random.nextBytes(buffer);
        lane.digestLater(buffer, PIECE);
      }
      lane.finish();
      return digests.finish();
    }
  }

  private static String atOnce(long seed, int pieces) throws Exception {
    Random random = new Random(seed);
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    byte[] buffer = new byte[PIECE];
    for (int i = 0; i < pieces; i++) {
      random.nextBytes(buffer);
      digest.update(buffer);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private void digestsRightly(Executor executor) throws Exception {
    for (int pieces : new int[] {0, 1, 2, 3, 4, 50, 500}) {
      assertThat(throughALane(executor, 42L + pieces, pieces))
          .as("%d pieces", pieces)
          .isEqualTo(atOnce(42L + pieces, pieces));
    }
  }

  @Test
  void digestsBesideItsOwner() throws Exception {
    for (int round = 0; round < 50; round++) {
      digestsRightly(threads);
    }
  }

  @Test
  void digestsOnItsOwnersThread() throws Exception {
    digestsRightly(Runnable::run);
  }

  @Test
  void doesNotNeedTheExecutor() throws Exception {
    digestsRightly(task -> {});
    digestsRightly(
        task -> {
          throw new RejectedExecutionException("busy");
        });
  }

  @Test
  void usesAFewBuffersHoweverLateTheExecutorIs() {
    Map<byte[], Boolean> seen = new IdentityHashMap<>();
    try (DigestLane lane = new DigestLane(new ContentDigests(List.of()), task -> {}, pool)) {
      for (int i = 0; i < 100; i++) {
        byte[] buffer = lane.take();
        seen.put(buffer, true);
        lane.digestLater(buffer, PIECE);
      }
    }

    assertThat(seen).hasSizeLessThanOrEqualTo(DigestLane.MOST_BUFFERS);
  }

  @Test
  void getsAlongWithOneBufferWhereOthersHaveTheRest() throws Exception {
    List<DigestLane> others = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      DigestLane other = new DigestLane(new ContentDigests(List.of()), task -> {}, pool);
      for (int j = 0; j < DigestLane.MOST_BUFFERS; j++) {
        other.digestLater(other.take(), PIECE);
      }
      others.add(other);
    }
    assertThat(pool.allowExtra()).as("extra buffers left").isFalse();

    digestsRightly(threads);

    others.forEach(DigestLane::close);
    for (int i = 0; i < 8; i++) {
      assertThat(pool.allowExtra()).as("extra buffer %d is back", i).isTrue();
    }
  }

  @Test
  void closingForgetsWhatWaitsAndKeepsBuffersApart() {
    List<Runnable> late = new ArrayList<>();
    DigestLane lane = new DigestLane(new ContentDigests(List.of()), late::add, pool);
    lane.digestLater(lane.take(), PIECE);
    lane.digestLater(lane.take(), PIECE);

    lane.close();
    lane.close();
    late.forEach(Runnable::run);

    HashSet<Integer> identities = new HashSet<>();
    for (int i = 0; i < 10; i++) {
      assertThat(identities.add(System.identityHashCode(pool.take()))).isTrue();
    }
  }

  @Test
  void closingWaitsForAPieceThatIsBeingDigested() throws Exception {
    for (int round = 0; round < 200; round++) {
      CountDownLatch begun = new CountDownLatch(1);
      DigestLane lane =
          new DigestLane(
              new ContentDigests(List.of()),
              task ->
                  threads.execute(
                      () -> {
                        begun.countDown();
                        task.run();
                      }),
              pool);
      byte[] buffer = lane.take();
      lane.digestLater(buffer, PIECE);
      assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
      lane.close();

      byte[] again = pool.take();
      assertThat(again).as("the buffer is back").isSameAs(buffer);
      pool.giveBack(again);
    }
  }
}
