package io.datawarehouse.kernel.cluster.infinispan;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A name server on loopback that speaks as much of RFC 1035 as a test needs: A, AAAA and SRV by
 * UDP. Thread-safe.
 */
final class FakeNameServer implements AutoCloseable {

  /** How it answers. */
  enum Mood {
    FINE,
    SILENT,
    FAILING
  }

  private static final Map<Integer, String> TYPES = Map.of(1, "A", 28, "AAAA", 33, "SRV");
  private static final int NO_SUCH_NAME = 3;
  private static final int SERVER_FAILURE = 2;

  private final DatagramSocket socket;
  private final Map<String, List<String>> records = new ConcurrentHashMap<>();
  private volatile Mood mood = Mood.FINE;
  private volatile int questions;

  FakeNameServer() throws IOException {
    socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    Thread serving = new Thread(this::serve, "name-server");
    serving.setDaemon(true);
    serving.start();
  }

  /** Returns where it listens, as a setting names it. */
  String place() {
    return "127.0.0.1:" + socket.getLocalPort();
  }

  int questions() {
    return questions;
  }

  void feel(Mood now) {
    mood = now;
  }

  /** Sets what a name stands for; with nothing there is no such record. */
  void say(String name, String type, String... values) {
    records.put(key(name, type), List.of(values));
  }

  /** Forgets a name. */
  void forget(String name) {
    TYPES.values().forEach(type -> records.remove(key(name, type)));
  }

  private static String key(String name, String type) {
    return name.toLowerCase(Locale.ROOT) + " " + type;
  }

  private void serve() {
    byte[] buffer = new byte[1_500];
    while (!socket.isClosed()) {
      try {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        questions++;
        if (mood != Mood.SILENT) {
          byte[] answer = answer(ByteBuffer.wrap(packet.getData(), 0, packet.getLength()));
          socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
        }
      } catch (SocketException e) {
        // It is closed.
        return;
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  private byte[] answer(ByteBuffer question) throws IOException {
    short id = question.getShort(0);
    question.position(12);
    List<String> labels = new ArrayList<>();
    for (int length = question.get(); length > 0; length = question.get()) {
      byte[] label = new byte[length];
      question.get(label);
      labels.add(new String(label, StandardCharsets.US_ASCII));
    }
    String name = String.join(".", labels);
    String type = TYPES.getOrDefault((int) question.getShort(), "?");
    List<String> values = records.getOrDefault(key(name, type), List.of());
    boolean known = TYPES.values().stream().anyMatch(each -> records.containsKey(key(name, each)));
    int code = mood == Mood.FAILING ? SERVER_FAILURE : known ? 0 : NO_SUCH_NAME;

    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeShort(id);
    out.writeShort(0x8580 | code);
    out.writeShort(1);
    out.writeShort(code == 0 ? values.size() : 0);
    out.writeInt(0);
    writeName(out, name);
    out.writeShort(number(type));
    out.writeShort(1);
    for (String value : code == 0 ? values : List.<String>of()) {
      byte[] data = data(type, value);
      writeName(out, name);
      out.writeShort(number(type));
      out.writeShort(1);
      out.writeInt(1);
      out.writeShort(data.length);
      out.write(data);
    }
    return bytes.toByteArray();
  }

  private static int number(String type) {
    return TYPES.entrySet().stream()
        .filter(entry -> entry.getValue().equals(type))
        .mapToInt(Map.Entry::getKey)
        .findFirst()
        .orElse(255);
  }

  private static byte[] data(String type, String value) throws IOException {
    if (!type.equals("SRV")) {
      return InetAddress.getByName(value).getAddress();
    }
    String[] parts = value.split(" ");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    for (int i = 0; i < 3; i++) {
      out.writeShort(Integer.parseInt(parts[i]));
    }
    writeName(out, parts[3]);
    return bytes.toByteArray();
  }

  private static void writeName(DataOutputStream out, String name) throws IOException {
    for (String label : name.split("\\.")) {
      out.writeByte(label.length());
      out.write(label.getBytes(StandardCharsets.US_ASCII));
    }
    out.writeByte(0);
  }

  @Override
  public void close() {
    socket.close();
  }
}
