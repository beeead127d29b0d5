package io.datawarehouse.kernel.coordination;

import static org.assertj.core.api.Assertions.assertThat;

import io.datawarehouse.sdk.cluster.NodeId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class GroupFoundingTest {

  /** Nodes whose letters are lost, doubled and late, and which stop and start again. */
  private static final class World {
    final Random random;
    final int announced;
    final Map<NodeId, GroupFounding> nodes = new TreeMap<>();
    final Map<NodeId, byte[]> disks = new HashMap<>();
    final List<Sent> underway = new ArrayList<>();
    int ids;

    private record Sent(NodeId from, GroupFounding.Letter letter) {}

    World(long seed, int announced, String... names) {
      this.random = new Random(seed);
      this.announced = announced;
      for (String name : names) {
        start(new NodeId(name));
      }
    }

    void start(NodeId node) {
      try {
        byte[] disk = disks.get(node);
        FoundingRecord record = disk == null ? FoundingRecord.EMPTY : FoundingRecord.of(disk);
        nodes.put(
            node,
            new GroupFounding(
                node,
                announced,
                record,
                next -> disks.put(node, next.toBytes()),
                () -> "group-" + ids++));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    void attempt(NodeId node, Set<NodeId> inSight) {
      send(node, nodes.get(node).attempt(inSight));
    }

    void send(NodeId from, List<GroupFounding.Letter> letters) {
      letters.forEach(letter -> underway.add(new Sent(from, letter)));
    }

    /** Delivers a letter, any of those that are underway. */
    void deliver(double lost, double doubled) {
      Sent sent = underway.remove(random.nextInt(underway.size()));
      if (random.nextDouble() < lost) {
        return;
      }
      if (random.nextDouble() < doubled) {
        underway.add(sent);
      }
      GroupFounding to = nodes.get(sent.letter().to());
      send(sent.letter().to(), to.receive(sent.from(), overTheWire(sent.letter().message())));
    }

    Set<Group> groups() {
      return nodes.values().stream()
          .map(GroupFounding::group)
          .flatMap(Optional::stream)
          .collect(Collectors.toSet());
    }
  }

  @Test
  void oneAloneFoundsAtOnce() {
    World world = new World(1, 1, "a");
    world.attempt(new NodeId("a"), Set.of(new NodeId("a")));
    while (!world.underway.isEmpty()) {
      world.deliver(0, 0);
    }

    assertThat(world.groups()).containsExactly(new Group("group-0", List.of(new NodeId("a"))));
  }

  @Test
  void threeFoundTogetherWithAllThreeAsFounders() {
    World world = new World(1, 3, "a", "b", "c");
    world.attempt(new NodeId("a"), world.nodes.keySet());
    while (!world.underway.isEmpty()) {
      world.deliver(0, 0);
    }

    assertThat(world.nodes.values()).allMatch(node -> node.group().isPresent());
    assertThat(world.groups()).hasSize(1);
    assertThat(world.groups().iterator().next().founders()).hasSize(3);
  }

  @Test
  void halfOfThemFoundNothing() {
    World world = new World(1, 4, "a", "b");
    world.attempt(new NodeId("a"), world.nodes.keySet());

    assertThat(world.underway).isEmpty();
  }

  @Test
  void oneThatIsNotTheFirstLeavesItToTheFirst() {
    World world = new World(1, 3, "a", "b", "c");
    world.attempt(new NodeId("b"), world.nodes.keySet());

    assertThat(world.underway).isEmpty();
  }

  @Test
  void nodesThatFoundNothingLeaveItBeHoweverManyTheyAre() {
    World world = new World(1, 0, "a", "b", "c");
    world.attempt(new NodeId("a"), world.nodes.keySet());
    world.send(
        new NodeId("d"),
        List.of(
            new GroupFounding.Letter(
                new NodeId("b"),
                new FoundingMessage.Prepare(new FoundingBallot(1, new NodeId("d"))))));
    assertThat(world.underway).hasSize(1);
    world.deliver(0, 0);

    assertThat(world.underway).isEmpty();
    assertThat(world.disks).isEmpty();
  }

  @Test
  void nodeThatFoundsNothingTakesTheGroupThatItIsToldOf() {
    World world = new World(1, 0, "b");
    Group group = new Group("theirs", List.of(new NodeId("a")));

    world.send(
        new NodeId("a"),
        List.of(new GroupFounding.Letter(new NodeId("b"), new FoundingMessage.Chosen(group))));
    world.deliver(0, 0);
    world.start(new NodeId("b"));

    assertThat(world.groups()).containsExactly(group);
  }

  @Test
  void whateverIsLostOrCrashesThereIsNeverASecondGroup() {
    int founded = 0;
    for (long seed = 0; seed < 300; seed++) {
      World world = new World(seed, 5, "a", "b", "c", "d", "e");
      Set<Group> everFounded = new java.util.HashSet<>();
      for (int step = 0; step < 600; step++) {
        act(world);
        everFounded.addAll(world.groups());
      }
      assertThat(everFounded).as("seed %d", seed).hasSizeLessThanOrEqualTo(1);
      settle(world);
      everFounded.addAll(world.groups());
      assertThat(everFounded).as("seed %d", seed).hasSize(1);
      assertThat(world.nodes.values()).as("seed %d", seed).allMatch(n -> n.group().isPresent());
      founded++;
    }
    assertThat(founded).isEqualTo(300);
  }

  private static void act(World world) {
    List<NodeId> all = List.copyOf(world.nodes.keySet());
    int choice = world.random.nextInt(20);
    if (choice == 0) {
      world.start(all.get(world.random.nextInt(all.size())));
    } else if (choice <= 3) {
      Set<NodeId> inSight = new TreeSet<>(all);
      inSight.removeIf(node -> world.random.nextInt(3) == 0);
      inSight.stream().findFirst().ifPresent(first -> world.attempt(first, inSight));
    } else if (!world.underway.isEmpty()) {
      world.deliver(0.3, 0.2);
    }
  }

  /** Lets all of them see each other for a while, and loses nothing. */
  private static void settle(World world) {
    for (int round = 0; round < 10; round++) {
      world.nodes.keySet().forEach(node -> world.attempt(node, world.nodes.keySet()));
      while (!world.underway.isEmpty()) {
        world.deliver(0, 0);
      }
      world.groups().stream()
          .findFirst()
          .ifPresent(
              group ->
                  world
                      .nodes
                      .values()
                      .forEach(n -> n.receive(new NodeId("a"), new FoundingMessage.Chosen(group))));
    }
  }

  private static FoundingMessage overTheWire(FoundingMessage message) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      message.writeTo(new DataOutputStream(bytes));
      FoundingMessage read =
          FoundingMessage.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
      assertThat(read).isEqualTo(message);
      return read;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
