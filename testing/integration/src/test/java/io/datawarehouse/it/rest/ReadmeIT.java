package io.datawarehouse.it.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.datawarehouse.it.platform.Places;
import io.datawarehouse.it.rest.RestNode.Client;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Types what the README types, in its order, and holds what it shows against what the node answers.
 */
@ExtendWith(RestNode.class)
class ReadmeIT {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** What differs from node to node and from time to time; it must be there, and of that kind. */
  private static final Set<String> CHANGING =
      Set.of(
          "createdAt",
          "lastModified",
          "context",
          "owners",
          "nodeId",
          "handledBy",
          "messageId",
          "traceId");

  private static final Pattern BLOCK =
      Pattern.compile("^```\\n(\\$ .*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern FILE = Pattern.compile("echo '([^']*)' > (\\S+)");
  private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");

  private final Client node;
  private final Map<String, String> files = new HashMap<>();

  ReadmeIT(Client node) {
    this.node = node;
  }

  /**
   * A command and what it prints.
   *
   * @param command the command, on one line
   * @param output what follows it
   */
  private record Shown(String command, String output) {}

  @Test
  void showsWhatANodeAnswers() throws IOException {
    int compared = 0;
    for (Shown shown : firstSession()) {
      Matcher file = FILE.matcher(shown.command);
      if (file.matches()) {
        files.put(file.group(2), file.group(1) + "\n");
      } else if (shown.command.startsWith("curl ")) {
        compare(shown, send(shown.command));
        compared++;
      }
    }
    assertThat(compared).as("commands of the README that were found").isGreaterThanOrEqualTo(7);
  }

  private void compare(Shown shown, Answer answer) throws IOException {
    if (shown.output.startsWith("{")) {
      JsonNode expected = JSON.readTree(shown.output);
      assertThat(steady(answer.json())).as(shown.command).isEqualTo(steady(expected));
      assertThat(List.copyOf(fields(answer.json())))
          .as(shown.command)
          .isEqualTo(List.copyOf(fields(expected)));
    } else {
      assertThat(answer.text().strip()).as(shown.command).isEqualTo(shown.output);
    }
  }

  /** The names of the fields in their order. */
  private static List<String> fields(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static JsonNode steady(JsonNode object) {
    ObjectNode copy = object.deepCopy();
    for (String name : CHANGING) {
      if (copy.has(name)) {
        copy.put(name, copy.get(name).getNodeType().name());
      }
    }
    return copy;
  }

  private Answer send(String command) throws IOException {
    String method = "GET";
    String body = null;
    String path = "";
    List<String> headers = new ArrayList<>();
    List<String> words = words(command);
    for (int i = 1; i < words.size(); i++) {
      String word = words.get(i);
      switch (word) {
        case "-s" -> {}
        case "-X" -> method = words.get(++i);
        case "-H" -> headers.add(words.get(++i));
        case "-T" -> {
          method = "PUT";
          body = files.get(words.get(++i));
        }
        case "-d" -> {
          method = "POST";
          body = words.get(++i);
        }
        default -> path = word.replace("$URL", "/api/v1");
      }
    }
    headers.remove("$AUTH");
    return node.send(
        method,
        path,
        body == null ? null : body.getBytes(StandardCharsets.UTF_8),
        headers.toArray(String[]::new));
  }

  private static List<String> words(String command) {
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(command);
    while (word.find()) {
      for (int group = 1; group <= word.groupCount(); group++) {
        if (word.group(group) != null) {
          words.add(word.group(group));
        }
      }
    }
    return words;
  }

  private static List<Shown> firstSession() throws IOException {
    String readme = Files.readString(Places.readme());
    int begin = readme.indexOf("## A first session");
    String session = readme.substring(begin, readme.indexOf("\n## ", begin + 1));
    List<Shown> shown = new ArrayList<>();
    Matcher block = BLOCK.matcher(session);
    while (block.find()) {
      for (String part : block.group(1).replace("\\\n", " ").split("^\\$ |\\n+\\$ ")) {
        if (!part.isBlank()) {
          int end = part.indexOf('\n');
          shown.add(
              new Shown(
                  end < 0 ? part : part.substring(0, end),
                  end < 0 ? "" : part.substring(end + 1).strip()));
        }
      }
    }
    return shown;
  }
}
