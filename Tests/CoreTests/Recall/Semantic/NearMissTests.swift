import Testing

@testable import WeirCore

/// Questions that look alike and ask something else: no answer may serve for its neighbour, however near.
@Suite struct NearMissTests {
    static let pairs = """
        How do I delete a column?|How do I delete a row?
        Is it safe to take aspirin after dinner?|Is it safe to take aspirin before dinner?
        What does !x do in C?|What does x do in C?
        Can I pay in two instalments?|Can I pay in instalments of two?
        Is Anna older than Tom?|Is Tom older than Anna?
        Who lent Anna the car of Tom?|Who lent Tom the car of Anna?
        How do I switch my phone on?|How do I switch my phone off?
        Who pays for the shipping of returns?|Who pays for the returns of shipping?
        If it rains, do we play?|If we play, does it rain?
        Is the museum open on Monday but not on Sunday?|Is the museum open on Sunday but not on Monday?
        Should I eat before I train?|Should I train before I eat?
        Is it true that all cats are mammals?|Is it true that all mammals are cats?
        How many cups are in a pint?|How many pints are in a cup?
        What is the price of a ticket for adults?|What is the price of tickets for an adult and a child?
        What if the server can reach the database?|What if the server can't reach the database?
        How do I go up a level?|How do I go down a level?
        Did Rome beat Milan?|Did Milan beat Rome?
        Is the deploy done in us-east-1?|Is the deploy done in us-west-1?
        What does 5/8 mean in inches?|What does 3/8 mean in inches?
        How long do I boil an egg for a soft yolk?|How long do I boil an egg for a hard yolk?
        What does the US do about tax?|What does us do about tax?
        Which is better, tea or coffee?|Which is better, tea and coffee?
        Can my landlord enter without notice?|Can my landlord enter with notice?
        How do I convert PDF to Word?|How do I convert Word to PDF?
        How do I convert euros into dollars?|How do I convert dollars into euros?
        When did Apple buy Beats?|When did Beats buy Apple?
        What do I do if I lose my card abroad?|What do I do abroad if I lose my card?
        How is a virus different from bacteria?|How is a virus different to bacteria?
        Are there more men than women in Qatar?|Are there more women than men in Qatar?
        Who was president before Lincoln?|Who was president after Lincoln?
        How do I ssh from host A to host B?|How do I ssh from host B to host A?
        Does the guarantee cover water damage?|Does the guarantee cover fire damage?
        Do I need to notarise the deed?|Did I need to notarise the deed?
        Who has access to the file?|Who had access to the file?
        Is it legal to record calls?|Was it legal to record calls?
        What is the second largest city in Spain?|What is the largest city in Spain?
        Who wrote The Trial?|Who wrote The Castle?
        What is the trial period?|What is the trail period?
        What was discussed in the meeting with Anna?|What was discussed in the meeting about Anna?
        Is insulin a protein?|Is inulin a protein?
        How many people work at X?|How many people work for X?
        List the users in the group|List the users not in the group
        What are the pros of solar power?|What are the cons of solar power?
        How do I open port 80?|How do I open port 8080?
        Is 0 a natural number?|Is 1 a natural number?
        What is the time in Lima?|What is the date in Lima?
        Which of the two is cheaper?|Which of the three is cheaper?
        Can you lend me money?|Can I lend you money?
        Show me the last invoice.|Show me the first invoice.
        How do I get my ex back?|How do I get back my ex's things?
        What does == do in JS?|What does === do in JS?
        How do I sort ascending in pandas by two columns?|How do I sort descending in pandas by two columns?
        Is the train from Oslo to Bergen late?|Is the train to Oslo from Bergen late?
        In Oslo, how do I get to Bergen?|In Bergen, how do I get to Oslo?
        Differences between Oslo time and Bergen rain?|Differences between Bergen time and Oslo rain?
        How do I say yes in Thai?|How do I say no in Thai?
        Why is A faster than B?|Why is B faster than A?
        What is vitamin D?|What is vitamin K?
        Is the WHO in Geneva?|Who is in Geneva?
        Restart the server now|Restart the servers now
        Delete the file in the folder|Delete the files in the folder
        Is my data shared with you?|Is your data shared with me?
        How do I leave the army?|How do I leave army food?
        Write a haiku about rain|Write a haiku about the rain in May
        What happens to my dog if I move?|What happens to my dog if we move?
        Who is Robin Williams?|Who is Robin William?
        How much does a litre of milk weigh?|How much does a litre of oil weigh?
        How many days are in 3 weeks?|How many weeks are in 3 days?
        Does smoking cause asthma?|Does asthma cause smoking?
        Are tomatoes fruit?|Are fruit tomatoes?
        Is the pool open to guests?|Is the pool open for guests only?
        How do I make my phone ring louder?|How do I make my phone ring less loud?
        Can employees bring their dogs?|Can dogs bring their employees?
        Is it too late to apply?|Is it late to apply?
        Do I have to tip?|Do I have a tip?
        Why can't I log in?|Why can I log in?
        What did he say about her?|What did she say about him?
        Where does the Rhine begin?|Where does the Rhine end?
        Set the alarm for 7 am tomorrow|Set the alarm for 7 pm tomorrow
        What is a good wine with fish?|What is a good fish with wine?
        Is AC safe for pets?|Is DC safe for pets?
        What is the boiling point of water at altitude?|What is the boiling point of water?
        Which hotels in Rome accept dogs?|Which hotels in Rome accept cats?
        Is there a way out of the contract?|Is there a way into the contract?
        Who sold the house to the bank?|Who sold the bank to the house?
        Do cats that sleep a lot eat less?|Do cats that eat a lot sleep less?
        Does the man with the dog own the cat?|Does the man with the cat own the dog?
        """.split(separator: "\n").map { $0.split(separator: "|").map(String.init) }

    @Test(arguments: pairs) func someGuardSpeaks(_ pair: [String]) {
        #expect(pair.count == 2)
        let (asked, cached) = (Question(pair[0]), Question(pair[1]))
        let isRefused = asked.obstacle != nil || cached.obstacle != nil
        #expect(isRefused || !GuardVerdict.vetoes(asked: asked, cached: cached).isEmpty)
        #expect(asked.textKey != cached.textKey)
    }
}
